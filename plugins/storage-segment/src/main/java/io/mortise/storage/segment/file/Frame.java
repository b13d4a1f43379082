// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The 48 bytes before each payload in the commit log. The CRC begins with the file's salt and the
 * frame's position, so a frame that lies where it was not written, or was left by an older file,
 * fails.
 */
public final class Frame {
    /** Bytes of a frame's header. */
    public static final int SIZE = 48;

    /** Payload: batches of a log. */
    public static final byte DATA = 1;

    /** Payload: the names of a new log; the base offset is its start. */
    public static final byte CREATE = 2;

    /** The log is gone. */
    public static final byte DELETE = 3;

    /** The log starts at the base offset. */
    public static final byte START = 4;

    /** The log ends at the base offset: frames before this one are void from there on. */
    public static final byte TRUNCATE = 5;

    /** The first of its file. Payload: number and end (8 each) of all files before it. */
    public static final byte BEGIN = 6;

    private static final int CRC = 0;
    private static final int LENGTH = 4;
    private static final int TYPE = 8;
    private static final int EPOCH = 12;
    private static final int LOG = 16;
    private static final int BASE = 24;
    private static final int END = 32;
    private static final int DURABLE = 40;

    private Frame() {}

    /** Fills in the header at the buffer's index 0; the payload follows it. */
    public static void describe(
            ByteBuffer frame, int length, byte type, int epoch, long log, long base, long end) {
        frame.putInt(LENGTH, length);
        frame.putInt(TYPE, type << 24);
        frame.putInt(EPOCH, epoch);
        frame.putLong(LOG, log);
        frame.putLong(BASE, base);
        frame.putLong(END, end);
    }

    /**
     * Puts the CRC and makes the whole frame the buffer's remaining bytes.
     *
     * @param durable up to where the file was durable before this frame: what fails its CRC before
     *     that was damaged later and is no torn tail
     */
    public static void finish(
            ByteBuffer frame,
            long salt,
            long position,
            long durable,
            CRC32C crc,
            ByteBuffer scratch) {
        frame.putLong(DURABLE, durable);
        int header = headerCrc(frame, 0, salt, position, crc, scratch);
        frame.putInt(TYPE, (frame.get(TYPE) << 24) | header);
        frame.putInt(CRC, crc(frame, salt, position, crc, scratch));
        frame.limit(SIZE + length(frame)).position(0);
    }

    /** Whether the frame at index 0, wholly in the buffer, passes its CRC. */
    public static boolean passes(
            ByteBuffer frame, long salt, long position, CRC32C crc, ByteBuffer scratch) {
        return frame.getInt(CRC) == crc(frame, salt, position, crc, scratch);
    }

    private static int crc(
            ByteBuffer frame, long salt, long position, CRC32C crc, ByteBuffer scratch) {
        crc.reset();
        scratch.clear().putLong(salt).putLong(position).flip();
        crc.update(scratch);
        frame.limit(SIZE + length(frame)).position(LENGTH);
        crc.update(frame);
        return (int) crc.getValue();
    }

    /** Bytes of the payload. */
    public static int length(ByteBuffer frame) {
        return frame.getInt(LENGTH);
    }

    /** One of the types above. */
    public static byte type(ByteBuffer frame) {
        return frame.get(TYPE);
    }

    /** The leader epoch of the last append in it. */
    public static int epoch(ByteBuffer frame) {
        return frame.getInt(EPOCH);
    }

    /** The log's number in this engine. */
    public static long log(ByteBuffer frame) {
        return frame.getLong(LOG);
    }

    /** First offset. */
    public static long base(ByteBuffer frame) {
        return frame.getLong(BASE);
    }

    /** Up to where the file was durable when the frame was written. */
    public static long durable(ByteBuffer frame) {
        return frame.getLong(DURABLE);
    }

    /** Whether a header of a frame with at most {@code greatest} bytes of payload lies here. */
    public static boolean headerPasses(
            ByteBuffer bytes,
            int at,
            long greatest,
            long salt,
            long position,
            CRC32C crc,
            ByteBuffer scratch) {
        int type = bytes.getInt(at + TYPE);
        int length = bytes.getInt(at + LENGTH);
        return type >>> 24 >= DATA
                && type >>> 24 <= BEGIN
                && length >= 0
                && length <= greatest
                && (type & 0xFFFFFF) == headerCrc(bytes, at, salt, position, crc, scratch);
    }

    /** The low 24 bits of the CRC of what the header says. */
    private static int headerCrc(
            ByteBuffer bytes, int at, long salt, long position, CRC32C crc, ByteBuffer scratch) {
        crc.reset();
        crc.update(scratch.clear().putLong(salt).putLong(position).flip());
        crc.update(bytes.slice(at + LENGTH, TYPE + 1 - LENGTH));
        crc.update(bytes.slice(at + EPOCH, SIZE - EPOCH));
        return (int) crc.getValue() & 0xFFFFFF;
    }

    /** One past the last offset. */
    public static long end(ByteBuffer frame) {
        return frame.getLong(END);
    }
}
