// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.connector;

import io.mortise.spi.record.Header;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A decoded record; arrays are the callee's to keep and not to change.
 *
 * @param key null if it has none
 * @param value null for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
public record SinkRecord(
        String topic,
        int partition,
        long offset,
        long timestampMillis,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Header> headers) {}
