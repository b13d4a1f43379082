// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.BatchRewriter;
import io.mortise.kernel.record.RecordCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * The second walk: what becomes of each batch. The rules are those of Apache Kafka's cleaner. A
 * record stays if it is the last of its key; a tombstone, and the marker of a transaction without
 * batches, stay until a delete horizon that the batch gets when it is first found so. The last
 * batch of a producer and of the walk stay even without records. One rule is added: in batches of
 * the broker's own no key is a key too, for it says that the topic's name is the whole address. Not
 * thread-safe.
 */
public final class BatchFilter {
    /** Nothing waits. */
    public static final long NO_HORIZON = -1;

    /** What becomes of a batch. */
    public enum Outcome {
        /** It stays as it is. */
        SAME,
        /** {@link #rewritten} takes its place. */
        CHANGED,
        /** Nothing is left of it. */
        GONE
    }

    /**
     * What a walk goes by.
     *
     * @param end where the walk ends; the batch before it stays
     * @param markersBelow markers from here on stay: their transaction's records may still be read
     *     elsewhere
     * @param deleteRetentionMillis how long a tombstone or marker stays once it is found
     */
    public record Terms(
            KeyOffsets keys,
            LastBatches producers,
            long end,
            long markersBelow,
            long nowMillis,
            long deleteRetentionMillis) {}

    private final Terms terms;
    private final TransactionTrail trail;
    private final OpenedBatch opened;
    private final BatchRewriter rewriter = new BatchRewriter();
    private final BitSet kept = new BitSet();
    private ByteBuffer rewritten = ByteBuffer.allocate(0);
    private boolean emptyTransaction;
    private boolean tombstones;
    private boolean addressed;
    private int records;
    private long lastHorizonMillis = NO_HORIZON;

    /**
     * @param trail that begins where the walk does
     */
    public BatchFilter(
            Terms terms,
            TransactionTrail trail,
            ByteBufAllocator allocator,
            int maxDecompressedBytes) {
        this.terms = terms;
        this.trail = trail;
        this.opened = new OpenedBatch(allocator, maxDecompressedBytes);
    }

    /** What takes the place of the last batch that was {@link Outcome#CHANGED}. */
    public ByteBuffer rewritten() {
        return rewritten;
    }

    /** Whether the last batch was a marker whose transaction has no batches any more. */
    public boolean emptyTransaction() {
        return emptyTransaction;
    }

    /** When all tombstones and markers that wait may go; {@link #NO_HORIZON} if none waits. */
    public long lastHorizonMillis() {
        return lastHorizonMillis;
    }

    /** Judges the batch at {@code index}; batches come in the order of the log. */
    public Outcome judge(ByteBuf batch, int index) {
        boolean control = BatchFormat.control(batch, index);
        boolean mayGo = trail.passes(batch, index);
        long end = BatchFormat.nextOffset(batch, index);
        emptyTransaction = control && mayGo && end <= terms.markersBelow();
        long horizon = BatchFormat.deleteHorizon(batch, index);
        boolean stays = end == terms.end() || terms.producers().holds(batch, index);
        if (BatchFormat.recordCount(batch, index) == 0) {
            return stays ? Outcome.SAME : Outcome.GONE;
        }
        boolean discarded =
                control ? emptyTransaction && horizon >= 0 && horizon <= terms.nowMillis() : mayGo;
        if (discarded) {
            return stays ? emptied(batch, index) : Outcome.GONE;
        }
        return records(batch, index, control, horizon, stays);
    }

    private Outcome emptied(ByteBuf batch, int index) {
        rewriter.begin(batch, index, BatchRewriter.NO_HORIZON);
        rewritten = rewriter.finish();
        return Outcome.CHANGED;
    }

    private Outcome records(
            ByteBuf batch, int index, boolean control, long horizon, boolean stays) {
        RecordCursor cursor = opened.open(batch, index);
        if (cursor == null) {
            return Outcome.SAME; // what cannot be read is not ours to drop
        }
        try {
            addressed = BatchFormat.brokerBuilt(batch, index);
            choose(cursor, control, horizon);
            if (cursor.malformed()) {
                return Outcome.SAME;
            }
            if (kept.isEmpty()) {
                return stays ? emptied(batch, index) : Outcome.GONE;
            }
            boolean waits = tombstones || emptyTransaction;
            long fresh =
                    waits && horizon < 0
                            ? terms.nowMillis() + terms.deleteRetentionMillis()
                            : BatchRewriter.NO_HORIZON;
            if (waits) {
                lastHorizonMillis = Math.max(lastHorizonMillis, horizon >= 0 ? horizon : fresh);
            }
            if (kept.cardinality() == records && fresh == BatchRewriter.NO_HORIZON) {
                return Outcome.SAME;
            }
            rewrite(batch, index, cursor, fresh);
            return Outcome.CHANGED;
        } finally {
            opened.close();
        }
    }

    private void choose(RecordCursor cursor, boolean control, long horizon) {
        kept.clear();
        tombstones = false;
        records = 0;
        while (cursor.next()) {
            if (control || stays(cursor, horizon)) {
                kept.set(records);
                tombstones |= cursor.valueLength() < 0;
            }
            records++;
        }
    }

    private boolean stays(RecordCursor record, long horizon) {
        KeyOffsets keys = terms.keys();
        if (record.offset() > keys.latestOffset()) {
            return true;
        }
        if (record.keyLength() < 0 && !addressed) {
            return false; // nothing that a compacted log is to hold
        }
        long last = keys.get(record.buffer(), record.keyIndex(), record.keyLength());
        boolean waits = horizon < 0 || terms.nowMillis() < horizon;
        return record.offset() >= last && (record.valueLength() >= 0 || waits);
    }

    private void rewrite(ByteBuf batch, int index, RecordCursor cursor, long horizon) {
        opened.again(batch, index);
        rewriter.begin(batch, index, horizon);
        for (int i = 0; cursor.next(); i++) {
            if (kept.get(i)) {
                rewriter.keep(cursor);
            }
        }
        rewritten = rewriter.finish();
    }
}
