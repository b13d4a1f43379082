// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Walks a record's headers without making objects; ranges are absolute indexes into {@link
 * #buffer()}, which is borrowed. Never throws on malformed bytes. Reusable; not thread-safe.
 */
public final class HeaderCursor {
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int position;
    private int end;
    private int remaining;
    private boolean malformed;
    private int nameIndex;
    private int nameLength;
    private int valueIndex;
    private int valueLength;

    /** Starts at {@code count} headers between {@code from} and {@code to}. */
    public void reset(ByteBuf headers, int from, int to, int count) {
        this.buffer = headers;
        this.position = from;
        this.end = to;
        this.remaining = count;
        this.malformed = false;
    }

    /** Moves to the next header; false at the end and on malformed bytes. */
    public boolean next() {
        if (malformed || remaining == 0) {
            return false;
        }
        remaining--;
        nameLength = readLength(0);
        nameIndex = position;
        position += Math.max(0, nameLength);
        valueLength = readLength(-1);
        valueIndex = position;
        position += Math.max(0, valueLength);
        return !malformed;
    }

    /** Whether the walk ended at bytes that are no header. */
    public boolean malformed() {
        return malformed;
    }

    /** What the ranges point into; borrowed. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** Where the name starts. */
    public int nameIndex() {
        return nameIndex;
    }

    /** Bytes of the name. */
    public int nameLength() {
        return nameLength;
    }

    /** Where the value starts. */
    public int valueIndex() {
        return valueIndex;
    }

    /** Bytes of the value; -1 for a null value. */
    public int valueLength() {
        return valueLength;
    }

    /** Whether the current header has this name. */
    public boolean named(byte[] name) {
        if (nameLength != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (buffer.getByte(nameIndex + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private int readLength(int least) {
        int length = readInt();
        if (length < least || length > end - position) {
            malformed = true;
            return -1;
        }
        return length;
    }

    private int readInt() {
        int raw = 0;
        for (int shift = 0; shift < 35 && position < end; shift += 7) {
            byte next = buffer.getByte(position++);
            raw |= (next & 0x7F) << shift;
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        malformed = true;
        return -1;
    }
}
