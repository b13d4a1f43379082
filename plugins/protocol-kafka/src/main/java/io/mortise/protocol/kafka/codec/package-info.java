// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes to Kafka messages and back: frames, headers, {@code Readable} and {@code Writable} over
 * buffers. Pure.
 */
@NullMarked
package io.mortise.protocol.kafka.codec;

import org.jspecify.annotations.NullMarked;
