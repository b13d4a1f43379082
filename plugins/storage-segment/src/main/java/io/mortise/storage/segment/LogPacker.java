// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.FrameFile;
import io.mortise.storage.segment.file.PackFile;
import io.mortise.storage.segment.file.PackWriter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Moves what small logs have in files that are to go into packs: in the background, with one force
 * for all logs. The old file stays the truth of a range until the pack is durable; what was cut,
 * replaced or deleted meanwhile is dead in the pack from the start.
 */
final class LogPacker {
    /** Pieces are joined up to so many bytes: a read looks at a whole one. */
    private static final int GREATEST_PIECE = 64 << 10;

    private final Packs packs;
    private final Settings settings;
    private final EngineMetrics metrics;
    private final PieceReader reader;
    private ByteBuffer buffer = ByteBuffer.allocate(GREATEST_PIECE);

    LogPacker(Packs packs, Settings settings, EngineMetrics metrics, DamageLog damage) {
        this.packs = packs;
        this.settings = settings;
        this.metrics = metrics;
        this.reader = new PieceReader(damage);
    }

    /** Pieces that follow each other, whose files are retained. */
    private record Group(SegmentLog log, Overlay overlay, int epoch, List<Piece> pieces) {
        void release() {
            pieces.forEach(piece -> piece.file().shared().release());
        }
    }

    /** Where a group lies now. */
    private record Moved(Group group, long position, int length) {}

    /**
     * Whether what the extent has in shared files stays there: the log is small and the extent has
     * no file of its own. Under the log's lock.
     */
    boolean takes(SegmentLog log, Extent extent) {
        return !extent.hasFile && log.overlaidBytes < settings.ownFileBytes();
    }

    /**
     * Moves all pieces of small logs that lie in the files that are to go.
     *
     * @return pieces that are elsewhere now
     */
    int pack(Iterable<SegmentLog> logs, Predicate<FrameFile> from) throws IOException {
        var groups = new ArrayList<Group>();
        try {
            for (SegmentLog log : logs) {
                collect(log, from, groups);
            }
            int moved = 0;
            for (int next = 0; next < groups.size(); ) {
                var made = new ArrayList<Moved>();
                PackFile pack = write(groups.subList(next, groups.size()), made);
                for (Moved each : made) {
                    moved += swap(pack, each) ? 1 : 0;
                }
                next += made.size();
            }
            return moved;
        } finally {
            groups.forEach(Group::release);
        }
    }

    private void collect(SegmentLog log, Predicate<FrameFile> from, List<Group> groups) {
        log.lock.lock();
        try {
            if (log.unrecovered != null) {
                collect(log, log.unrecovered.overlay, from, groups);
            }
            if (log.failure != null || log.broken != null) {
                return;
            }
            for (Extent extent : log.extents) {
                if (takes(log, extent)) {
                    collect(log, extent.overlay, from, groups);
                }
            }
        } finally {
            log.lock.unlock();
        }
    }

    private static void collect(
            SegmentLog log, Overlay overlay, Predicate<FrameFile> from, List<Group> groups) {
        List<Piece> pieces = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < overlay.count(); i++) {
            Piece piece = overlay.get(i);
            boolean wanted = from.test(piece.file());
            boolean joins =
                    wanted
                            && bytes + piece.length() <= GREATEST_PIECE
                            && (pieces.isEmpty() || pieces.getLast().end() == piece.base());
            if (!pieces.isEmpty() && !joins) {
                groups.add(new Group(log, overlay, log.leaderEpoch, pieces));
                pieces = new ArrayList<>();
                bytes = 0;
            }
            if (wanted) {
                piece.file().shared().retain();
                pieces.add(piece);
                bytes += piece.length();
            }
        }
        if (!pieces.isEmpty()) {
            groups.add(new Group(log, overlay, log.leaderEpoch, pieces));
        }
    }

    /** Writes one pack with the first groups, as many as it takes. */
    private PackFile write(List<Group> groups, List<Moved> made) throws IOException {
        PackWriter writer = packs.begin();
        boolean sealed = false;
        try {
            for (Group group : groups) {
                if (writer.size() >= packs.packBytes()) {
                    break;
                }
                add(writer, group, made);
            }
            PackFile pack = writer.seal();
            sealed = true;
            packs.add(pack);
            metrics.copiedBytes().add(pack.bytes());
            metrics.forces().add(1);
            return pack;
        } finally {
            if (!sealed) {
                writer.abandon();
            }
        }
    }

    private void add(PackWriter writer, Group group, List<Moved> made) throws IOException {
        int bytes = 0;
        for (Piece piece : group.pieces) {
            bytes += piece.length();
        }
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocate(bytes);
        }
        buffer.clear();
        for (Piece piece : group.pieces) {
            reader.read(group.log, piece, buffer);
        }
        long base = group.pieces.getFirst().base();
        long end = group.pieces.getLast().end();
        long at = writer.add(group.log.number, group.epoch, base, end, buffer.flip());
        made.add(new Moved(group, at, bytes));
    }

    /** Has the log read from the pack, unless what was moved is not there any more. */
    private static boolean swap(PackFile pack, Moved moved) {
        SegmentLog log = moved.group.log;
        log.copyLock.lock();
        log.lock.lock();
        try {
            Overlay overlay = moved.group.overlay;
            int index = indexOf(overlay, moved.group.pieces);
            if (index < 0) {
                return false;
            }
            Piece first = moved.group.pieces.getFirst();
            Piece last = moved.group.pieces.getLast();
            var piece =
                    new Piece(
                            first.position(),
                            moved.length,
                            first.base(),
                            last.end(),
                            pack,
                            moved.position);
            overlay.replace(index, moved.group.pieces.size(), piece);
            return true;
        } finally {
            log.lock.unlock();
            log.copyLock.unlock();
        }
    }

    /** Where the pieces lie one after the other; -1 if one was cut or went. */
    private static int indexOf(Overlay overlay, List<Piece> pieces) {
        int first = overlay.firstEndingAfter(pieces.getFirst().base());
        if (first + pieces.size() > overlay.count()) {
            return -1;
        }
        for (int i = 0; i < pieces.size(); i++) {
            if (!overlay.get(first + i).equals(pieces.get(i))) {
                return -1;
            }
        }
        return first;
    }
}
