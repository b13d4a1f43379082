// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What one log of a {@link LogModel} should hold. */
final class ModelLog {
    /** What it holds instead, once a replacement took place. */
    record Replaced(List<byte[]> batches, List<Long> bases, List<Long> ends) {}

    final LogId id;
    @Nullable LogStorage storage;
    Durability level = Durability.DISK;
    boolean exists;
    boolean mayBeAbsent;
    final List<byte[]> batches = new ArrayList<>();
    final List<Long> bases = new ArrayList<>();
    final List<Long> ends = new ArrayList<>();

    /** What it holds if a replacement that failed took place; null if there was none. */
    @Nullable Replaced replaced;

    long start;
    long greatestStart;
    long end;

    /** The end promised at the log's level. */
    long acknowledged;

    /** The end handed to the operating system. */
    long written;

    /** The end promised to survive power loss. */
    long durable;

    ModelLog(int number) {
        id = new LogId(TenantId.DEFAULT, new TopicId(new UUID(5, number)), number, number);
    }

    void add(byte[] batch, long base, long newEnd) {
        batches.add(batch);
        bases.add(base);
        ends.add(newEnd);
        end = newEnd;
    }

    void take(Replaced other) {
        batches.clear();
        bases.clear();
        ends.clear();
        batches.addAll(other.batches);
        bases.addAll(other.bases);
        ends.addAll(other.ends);
    }

    void cut(long newEnd) {
        while (!ends.isEmpty() && ends.getLast() > newEnd) {
            bases.removeLast();
            batches.removeLast();
            ends.removeLast();
        }
        end = newEnd;
        acknowledged = Math.min(acknowledged, newEnd);
        written = Math.min(written, newEnd);
        durable = Math.min(durable, newEnd);
    }

    void lower(long floor) {
        acknowledged = Math.min(acknowledged, floor);
        written = Math.min(written, floor);
        durable = Math.min(durable, floor);
    }

    boolean boundary(long offset) {
        return offset == end || offset == start || offset == greatestStart || between(offset);
    }

    /** Whether it lies in no batch. */
    private boolean between(long offset) {
        for (int i = 0; i < bases.size(); i++) {
            if (bases.get(i) < offset && offset < ends.get(i)) {
                return false;
            }
        }
        return offset >= start;
    }

    void forget() {
        exists = false;
        mayBeAbsent = false;
        storage = null;
        batches.clear();
        bases.clear();
        ends.clear();
        replaced = null;
        start = 0;
        greatestStart = 0;
        end = 0;
        lower(0);
    }
}
