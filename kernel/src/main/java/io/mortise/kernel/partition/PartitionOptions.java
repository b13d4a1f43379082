// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

/**
 * Bounds and intervals of all partitions of a host.
 *
 * @param ringBytes memory of all rings together
 * @param unwrittenBytes of one engine in one directory: what is sequenced but not written yet; past
 *     it appends are refused as BUSY
 * @param smallestChunkBytes of the first chunk of a ring
 * @param largestChunkBytes of the chunks of a busy ring
 * @param idleNanos a chunk that nothing was added to for so long is given up
 * @param snapshotBytes a partition's state is written to its file after so many bytes
 * @param producerExpiryMillis producers that were silent for so long are forgotten
 * @param retentionNanos between two looks at what retention lets go
 * @param compactionNanos between two looks at what can be compacted
 * @param compactionMapBytes memory for the keys that one compaction takes in
 * @param reopenTries how often a failed log is opened again before an operator is asked for; it is
 *     tried on all the same
 * @param reopenDelayNanos before the second try; doubles up to 100 times that
 * @param maxDecompressedBytes of one batch that a look-up by timestamp has to open
 */
public record PartitionOptions(
        long ringBytes,
        long unwrittenBytes,
        int smallestChunkBytes,
        int largestChunkBytes,
        long idleNanos,
        long snapshotBytes,
        long producerExpiryMillis,
        long retentionNanos,
        long compactionNanos,
        long compactionMapBytes,
        int reopenTries,
        long reopenDelayNanos,
        int maxDecompressedBytes) {
    private static final long SECOND = 1_000_000_000L;

    public PartitionOptions {
        if (unwrittenBytes > ringBytes) {
            throw new IllegalArgumentException(
                    "unwritten bytes " + unwrittenBytes + " exceed the ring's " + ringBytes);
        }
        if (smallestChunkBytes < 1 || smallestChunkBytes > largestChunkBytes) {
            throw new IllegalArgumentException(
                    "chunk bytes " + smallestChunkBytes + " to " + largestChunkBytes);
        }
    }

    /** What mortise.yaml leaves unsaid. */
    public static PartitionOptions defaults() {
        return new PartitionOptions(
                64L << 20,
                32L << 20,
                4 << 10,
                256 << 10,
                30 * SECOND,
                64L << 20,
                86_400_000L,
                30 * SECOND,
                15 * SECOND,
                24L << 20,
                10,
                SECOND / 10,
                64 << 20);
    }

    /** The same with other memory bounds. */
    public PartitionOptions withRing(long ring, long unwritten) {
        return new PartitionOptions(
                ring,
                unwritten,
                smallestChunkBytes,
                largestChunkBytes,
                idleNanos,
                snapshotBytes,
                producerExpiryMillis,
                retentionNanos,
                compactionNanos,
                compactionMapBytes,
                reopenTries,
                reopenDelayNanos,
                maxDecompressedBytes);
    }

    /** The same with another interval between snapshots of a partition's state. */
    public PartitionOptions withSnapshotBytes(long bytes) {
        return new PartitionOptions(
                ringBytes,
                unwrittenBytes,
                smallestChunkBytes,
                largestChunkBytes,
                idleNanos,
                bytes,
                producerExpiryMillis,
                retentionNanos,
                compactionNanos,
                compactionMapBytes,
                reopenTries,
                reopenDelayNanos,
                maxDecompressedBytes);
    }

    /** The same with other times. */
    public PartitionOptions withIntervals(
            long expiryMillis, long betweenRetentionsNanos, long betweenCompactionsNanos) {
        return new PartitionOptions(
                ringBytes,
                unwrittenBytes,
                smallestChunkBytes,
                largestChunkBytes,
                idleNanos,
                snapshotBytes,
                expiryMillis,
                betweenRetentionsNanos,
                betweenCompactionsNanos,
                compactionMapBytes,
                reopenTries,
                reopenDelayNanos,
                maxDecompressedBytes);
    }

    /** The same with another bound on the keys that one compaction takes in. */
    public PartitionOptions withCompactionMapBytes(long bytes) {
        return new PartitionOptions(
                ringBytes,
                unwrittenBytes,
                smallestChunkBytes,
                largestChunkBytes,
                idleNanos,
                snapshotBytes,
                producerExpiryMillis,
                retentionNanos,
                compactionNanos,
                bytes,
                reopenTries,
                reopenDelayNanos,
                maxDecompressedBytes);
    }
}
