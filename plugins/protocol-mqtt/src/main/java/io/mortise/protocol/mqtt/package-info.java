// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** MQTT 3.1.1 and 5.0 for Mortise: the plugin's entry. */
@NullMarked
package io.mortise.protocol.mqtt;

import org.jspecify.annotations.NullMarked;
