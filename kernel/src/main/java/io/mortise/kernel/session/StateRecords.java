// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * How states and their changes lie in the records of a {@link StateLog}. A whole state: the key
 * itself, and format 1, state. A change: the key, U+0000 and the slot in decimal digits, and format
 * 1, number 8, change. A null value deletes either.
 */
final class StateRecords {
    /** Larger than every kind of event, which is what records of format 1 begin with. */
    static final byte FORMAT = 0x42;

    /** What {@link #FORMAT} stands for. */
    static final int VERSION = 2;

    private static final int CHANGE_HEADER = 1 + Long.BYTES;

    private final BatchBuilder builder = new BatchBuilder();
    private final ByteBuf out;
    private final long nowMillis;

    /** Begins a batch in {@code out}. */
    StateRecords(ByteBuf out, long nowMillis) {
        this.out = out;
        this.nowMillis = nowMillis;
        builder.begin(out);
    }

    /** Of a change, the name of what it changes; of a whole state its own. */
    static String name(String key) {
        int zero = key.indexOf('\0');
        return zero < 0 ? key : key.substring(0, zero);
    }

    /** Slot of a change; -1 of a whole state. */
    static int slot(String key) {
        int zero = key.indexOf('\0');
        return zero < 0 ? -1 : Integer.parseInt(key, zero + 1, key.length(), 10);
    }

    static boolean readable(ByteBuf value) {
        return value.isReadable() && value.getByte(value.readerIndex()) == FORMAT;
    }

    static ByteBuf whole(ByteBuf value) {
        return value.slice(value.readerIndex() + 1, value.readableBytes() - 1);
    }

    static long number(ByteBuf value) {
        return value.getLong(value.readerIndex() + 1);
    }

    static ByteBuf change(ByteBuf value) {
        int from = value.readerIndex() + CHANGE_HEADER;
        return value.slice(from, value.readableBytes() - CHANGE_HEADER);
    }

    int count() {
        return builder.count();
    }

    int sizeBytes() {
        return builder.sizeBytes();
    }

    /** Appends a state. */
    void whole(String name, ByteBuf state) {
        append(name, Unpooled.wrappedBuffer(new byte[] {FORMAT}), state);
    }

    /** Appends a change. */
    void change(String name, int slot, long number, ByteBuf change) {
        ByteBuf header = Unpooled.buffer(CHANGE_HEADER).writeByte(FORMAT).writeLong(number);
        append(name + '\0' + slot, header, change);
    }

    private void append(String key, ByteBuf header, ByteBuf body) {
        append(key, Unpooled.wrappedBuffer(header, body.slice()));
    }

    /** Appends tombstones. */
    void delete(String name, int slots) {
        append(name, null);
        deleteChanges(name, slots);
    }

    /** Appends tombstones of changes. */
    void deleteChanges(String name, int slots) {
        for (int i = 0; i < slots; i++) {
            append(name + '\0' + i, null);
        }
    }

    private void append(String key, @Nullable ByteBuf value) {
        byte[] bytes = key.getBytes(UTF_8);
        builder.append(nowMillis, bytes, 0, bytes.length, value, Unpooled.EMPTY_BUFFER, 0);
    }

    /** Ends the batch. */
    ByteBuf finish() {
        builder.finish();
        return out;
    }
}
