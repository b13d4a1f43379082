// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * State of one connection and of the event loop it lives on. What must survive a connection is the
 * kernel's.
 */
@NullMarked
package io.mortise.protocol.mqtt.session;

import org.jspecify.annotations.NullMarked;
