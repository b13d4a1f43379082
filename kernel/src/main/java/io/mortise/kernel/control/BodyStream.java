// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.control;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body of known length; fails where the peer sends less, and leaves the connection open. */
final class BodyStream extends FilterInputStream {
    private long left;

    BodyStream(InputStream connection, long length) {
        super(connection);
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(target, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the body ended " + left + " bytes early");
        }
        left -= count;
        return count;
    }

    @Override
    public void close() {
        // the connection is its owner's
    }
}
