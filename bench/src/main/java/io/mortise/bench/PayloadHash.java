// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

/**
 * A sum over payloads that does not depend on their order: what was published and what a topic
 * holds agree only if it is the same messages.
 */
final class PayloadHash {
    private PayloadHash() {}

    /** Hash of one generated payload, by the three numbers in it. */
    static long of(long stampNanos, int publisher, int sequence) {
        return mix(stampNanos ^ mix(((long) publisher << 32) | (sequence & 0xFFFF_FFFFL)));
    }

    /** Hash of any bytes. */
    static long of(byte[] bytes) {
        long hash = bytes.length;
        for (byte next : bytes) {
            hash = (hash ^ next) * 0x100000001B3L;
        }
        return mix(hash);
    }

    // The finaliser of splitmix64.
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
