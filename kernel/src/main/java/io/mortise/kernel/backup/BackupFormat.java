// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The layout of a backup, big endian; texts are a length of 2 bytes and UTF-8.
 *
 * <pre>
 * header   magic 8 | version 4 | CRC-32C of these 4
 * frame    kind 1 | length 4 | CRC-32C of number, kind, length and payload 4 | payload
 * </pre>
 *
 * Frames are numbered from 0, so that none can be missing or elsewhere. First {@link #ABOUT}; then
 * logs, each {@link #LOG}, any {@link #BATCHES}, {@link #LOG_END}; then files, each {@link #FILE},
 * any {@link #BYTES}, {@link #FILE_END}; then {@link #METADATA}, as often as there are chunks; last
 * {@link #END}, behind which there is nothing.
 */
final class BackupFormat {
    /** "MRTSBKUP". */
    static final long MAGIC = 0x4D525453_424B5550L;

    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    static final int FRAME_HEADER_BYTES = 9;

    /** At ms 8, node id 4, cluster id, version of Mortise. */
    static final byte ABOUT = 1;

    /**
     * Tenant, topic id 16, partition 4, generation 2, shard 2, topic, engine, leader epoch 4,
     * extent bytes 4, start offset 8, end offset 8 (one past the last that may follow).
     */
    static final byte LOG = 2;

    /** Whole record batches v2, back to back, as they lie in the log. */
    static final byte BATCHES = 3;

    /** Batches 8, bytes 8, CRC-32C of all of them 4. */
    static final byte LOG_END = 4;

    /** Name below {@code data/plugins}. */
    static final byte FILE = 5;

    /** Bytes of the file. */
    static final byte BYTES = 6;

    /** Bytes 8, CRC-32C of all of them 4. */
    static final byte FILE_END = 7;

    /** A chunk of the metadata's snapshot. */
    static final byte METADATA = 8;

    /** Logs 4, batches 8, bytes of batches 8. */
    static final byte END = 9;

    private BackupFormat() {}

    static int crc(long number, byte kind, int length, ByteBuffer... payload) {
        var crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES)
                        .putLong(number)
                        .put(kind)
                        .putInt(length)
                        .flip());
        for (ByteBuffer part : payload) {
            crc.update(part.duplicate());
        }
        return (int) crc.getValue();
    }

    static int headerCrc(ByteBuffer header) {
        var crc = new CRC32C();
        crc.update(header.slice(0, HEADER_BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void put(ByteBuffer target, byte[] text) {
        target.putShort((short) text.length).put(text);
    }

    static String text(ByteBuffer source) {
        byte[] bytes = new byte[Short.toUnsignedInt(source.getShort())];
        source.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
