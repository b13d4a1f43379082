// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.Checkpoint.Packed;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.PackFile;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a log that could not be put together: all of it is kept, and the checkpoint
 * tells the next start what the last one told this. Guarded by the log's lock.
 */
final class Unrecovered {
    /** What lies in shared files; positions mean nothing. */
    final Overlay overlay = new Overlay();

    private final LogSeed seed;
    private long maxTimestampMillis = -1;

    Unrecovered(LogSeed seed) {
        this.seed = seed;
        long end = Long.MIN_VALUE;
        int position = 0;
        for (Found found : seed.frames.values()) {
            if (found.end() > end) { // else a pack has it too
                overlay.add(
                        new Piece(
                                position,
                                found.length(),
                                found.base(),
                                found.end(),
                                found.file(),
                                found.filePosition()));
                position += found.length();
                end = found.end();
                maxTimestampMillis = Math.max(maxTimestampMillis, found.maxTimestamp());
            }
        }
    }

    /** As it was found, but for what was moved to packs since. */
    LogSeed seed() {
        var again = new LogSeed(seed.number, seed.id, seed.startOffset, seed.cut);
        again.voidFrom = seed.voidFrom;
        for (int i = 0; i < overlay.count(); i++) {
            Piece piece = overlay.get(i);
            again.data(
                    new Found(
                            piece.file(),
                            piece.filePosition(),
                            piece.length(),
                            piece.base(),
                            piece.end(),
                            seed.leaderEpoch,
                            EpochRuns.UNKNOWN,
                            maxTimestampMillis));
        }
        return again;
    }

    Checkpoint.Entry checkpoint() {
        return new Checkpoint.Entry(
                seed.number,
                seed.id,
                seed.startOffset,
                seed.cut,
                packed(overlay, maxTimestampMillis));
    }

    /** What of the pieces lies in packs. */
    static List<Packed> packed(Overlay overlay, long maxTimestampMillis) {
        var packed = new ArrayList<Packed>();
        for (int i = 0; i < overlay.count(); i++) {
            Piece piece = overlay.get(i);
            if (piece.file() instanceof PackFile pack) {
                packed.add(
                        new Packed(
                                pack.number(),
                                piece.filePosition(),
                                piece.length(),
                                piece.base(),
                                piece.end(),
                                maxTimestampMillis));
            }
        }
        return packed;
    }
}
