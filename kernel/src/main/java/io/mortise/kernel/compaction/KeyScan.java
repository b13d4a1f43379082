// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.RecordCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The first walk: takes in the keys of what was appended since the last compaction. */
public final class KeyScan {
    private final KeyOffsets keys;
    private final TransactionTrail trail;
    private final long from;
    private final OpenedBatch opened;
    private boolean progressed;

    /**
     * @param from offset that the scan begins at; records before it are passed over
     * @param maxDecompressedBytes of one batch; one with more is left as it is
     */
    public KeyScan(
            KeyOffsets keys,
            TransactionTrail trail,
            long from,
            ByteBufAllocator allocator,
            int maxDecompressedBytes) {
        this.keys = keys;
        this.trail = trail;
        this.from = from;
        this.opened = new OpenedBatch(allocator, maxDecompressedBytes);
    }

    /**
     * Takes in the batch at {@code index}.
     *
     * @return false if there was no room for all its keys: the scan ends before it
     */
    public boolean add(ByteBuf batch, int index) {
        boolean nothing = trail.passes(batch, index) || BatchFormat.control(batch, index);
        if (!nothing && !keysOf(batch, index)) {
            return false;
        }
        keys.reached(BatchFormat.nextOffset(batch, index) - 1);
        progressed = true;
        return true;
    }

    private boolean keysOf(ByteBuf batch, int index) {
        RecordCursor records = opened.open(batch, index);
        boolean addressed = BatchFormat.brokerBuilt(batch, index);
        try {
            while (records != null && records.next()) {
                if ((addressed || records.keyLength() >= 0) && records.offset() >= from) {
                    if (keys.full() && progressed) {
                        return false; // the first batch goes in whatever it takes
                    }
                    put(records);
                }
            }
            return true;
        } finally {
            opened.close();
        }
    }

    private void put(RecordCursor record) {
        keys.put(record.buffer(), record.keyIndex(), record.keyLength(), record.offset());
    }
}
