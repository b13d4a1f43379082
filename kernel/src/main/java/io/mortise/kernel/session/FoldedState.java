// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

/**
 * A state whose log holds changes: now and then it is written whole, which makes the changes before
 * it void. Every change has a number, one above that before it, so that one that is missing is
 * found out; and a slot, which is part of its key, so that key compaction keeps as many changes as
 * there are slots. Guarded by the shard's lock.
 */
abstract class FoldedState {
    private static final long LEAST_BYTES = 4096;

    /** What a change takes beside its own bytes, about. */
    private static final int RECORD_BYTES = 40;

    /** Of the last change. */
    long number;

    /** Slots that changes in the log may lie in. */
    int slots;

    /** How it lies in the index. */
    StateIndex.Row row = StateIndex.Row.ABSENT;

    private int next;
    private long changedBytes;
    private long wholeBytes;

    /** Slot of the next change. */
    int nextSlot() {
        return next;
    }

    /** It was brought back from the index. */
    void resume(int nextSlot) {
        next = nextSlot;
    }

    /** A change was noted. */
    void changed(long at, int slot, int bytes) {
        number = at;
        next = slot + 1;
        slots = Math.max(slots, next);
        changedBytes += RECORD_BYTES + bytes;
    }

    /** Whether changes were noted since it was written whole. */
    boolean changed() {
        return next > 0;
    }

    /** Whether changes take as much room as the whole. */
    boolean foldDue() {
        return changedBytes >= Math.max(LEAST_BYTES, wholeBytes);
    }

    /** It was written whole. */
    void folded(int bytes) {
        next = 0;
        changedBytes = 0;
        wholeBytes = bytes;
    }
}
