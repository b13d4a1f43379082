// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.file.FrameFile;

/**
 * The ranges of an extent whose truth is in files that logs share: in the commit log, until a copy
 * elsewhere is forced, or in packs. In order of position. Guarded by the log's lock.
 */
final class Overlay {
    /**
     * What lies in one frame, or a part of it.
     *
     * @param position in the extent
     * @param filePosition of the first batch in the file
     */
    record Piece(
            int position, int length, long base, long end, FrameFile file, long filePosition) {}

    private Piece[] pieces = new Piece[4];
    private int head;
    private int tail;

    int count() {
        return tail - head;
    }

    boolean isEmpty() {
        return head == tail;
    }

    Piece get(int index) {
        return pieces[head + index];
    }

    void add(Piece piece) {
        if (tail == pieces.length) {
            var grown = count() > pieces.length / 2 ? new Piece[pieces.length * 2] : pieces;
            System.arraycopy(pieces, head, grown, 0, count());
            java.util.Arrays.fill(grown, count(), grown.length, null);
            tail = count();
            head = 0;
            pieces = grown;
        }
        pieces[tail++] = piece;
        piece.file.hold(piece.length);
    }

    void removeFirst() {
        pieces[head].file.letGo(pieces[head].length);
        pieces[head++] = null;
        shrink();
    }

    void removeLast() {
        pieces[--tail].file.letGo(pieces[tail].length);
        pieces[tail] = null;
        shrink();
    }

    void clear() {
        while (!isEmpty()) {
            removeLast();
        }
    }

    /** Puts one piece in the place of {@code count} that it holds the batches of. */
    void replace(int index, int count, Piece piece) {
        piece.file.hold(piece.length);
        int at = head + index;
        for (int i = at; i < at + count; i++) {
            pieces[i].file.letGo(pieces[i].length);
        }
        pieces[at] = piece;
        System.arraycopy(pieces, at + count, pieces, at + 1, tail - at - count);
        java.util.Arrays.fill(pieces, tail - count + 1, tail, null);
        tail -= count - 1;
    }

    /** Index of the first piece that ends past {@code offset}; {@link #count} if none does. */
    int firstEndingAfter(long offset) {
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).end <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Bytes of all pieces. */
    int bytes() {
        int bytes = 0;
        for (int i = head; i < tail; i++) {
            bytes += pieces[i].length;
        }
        return bytes;
    }

    private void shrink() {
        if (head == tail) {
            head = 0;
            tail = 0;
            if (pieces.length > 64) {
                pieces = new Piece[4];
            }
        }
    }
}
