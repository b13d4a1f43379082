// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** MQTT against the whole broker, by real clients and by hostile ones. */
@NullMarked
package io.mortise.tests.mqtt;

import org.jspecify.annotations.NullMarked;
