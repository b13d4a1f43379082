// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a log consists of. It is the one truth: a file that no manifest names is left over, and a
 * change of several files is the replacement of one manifest.
 *
 * @param log the log's number, which its files are named by
 * @param startOffset first offset that can be read
 * @param parts data files in order
 */
record Manifest(long log, LogId id, long startOffset, List<Part> parts) {
    private static final int MAGIC = 0x4D4F5246;
    private static final int VERSION = 1;

    /**
     * One data file.
     *
     * @param endOffset one past the last offset that was durable when this was written
     * @param fileEnd bytes of it that were durable then
     */
    record Part(long file, long baseOffset, long endOffset, int fileEnd) {}

    static String path(long log) {
        return log + ".log";
    }

    /** Puts it in the place of the one before: durable, and all or nothing. */
    void write(FileLayer files) throws IOException {
        String path = path(log);
        try (StorageFile file = files.open(path + ".new", OpenMode.WRITE)) {
            file.truncate(0);
            file.write(encoded(), 0);
            file.force();
        }
        files.forceDirectory(""); // the data files that it names, before it names them
        files.rename(path + ".new", path);
        files.forceDirectory("");
    }

    private ByteBuffer encoded() {
        byte[] tenant = id.tenant().name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(60 + tenant.length + parts.size() * 28);
        out.putInt(MAGIC).putInt(VERSION).putLong(log).putInt(tenant.length).put(tenant);
        UUID topic = id.topicId().uuid();
        out.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
        out.putInt(id.partition());
        out.putShort((short) id.generation()).putShort((short) id.shard());
        out.putLong(startOffset).putInt(parts.size());
        for (Part part : parts) {
            out.putLong(part.file).putLong(part.baseOffset).putLong(part.endOffset);
            out.putInt(part.fileEnd);
        }
        return out.putInt(crc(out)).flip();
    }

    static Manifest read(FileLayer files, String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer in = ByteBuffer.allocate((int) file.size());
            int read = file.read(in, 0);
            in.flip();
            if (read < 16 || in.getInt(0) != MAGIC) {
                throw new CorruptLogException("file '" + path + "' is no manifest of a log");
            }
            if (in.getInt(4) > VERSION) {
                throw new IOException(
                        "file '"
                                + path
                                + "' has version "
                                + in.getInt(4)
                                + ", this engine understands up to "
                                + VERSION);
            }
            ByteBuffer body = in.duplicate().position(read - 4);
            if (in.getInt(read - 4) != crc(body)) {
                throw new CorruptLogException("file '" + path + "' fails its CRC");
            }
            Manifest found = decoded(in.position(8));
            if (!path.equals(path(found.log))) {
                throw new CorruptLogException(
                        "file '" + path + "' holds the manifest of '" + path(found.log) + "'");
            }
            return found;
        }
    }

    private static Manifest decoded(ByteBuffer in) {
        long log = in.getLong();
        byte[] tenant = new byte[in.getInt()];
        in.get(tenant);
        var topic = new TopicId(new UUID(in.getLong(), in.getLong()));
        int partition = in.getInt();
        int generation = Short.toUnsignedInt(in.getShort());
        int shard = Short.toUnsignedInt(in.getShort());
        var owner = new TenantId(new String(tenant, UTF_8));
        var id = new LogId(owner, topic, partition, shard, generation);
        long startOffset = in.getLong();
        int count = in.getInt();
        var parts = new ArrayList<Part>(count);
        for (int i = 0; i < count; i++) {
            parts.add(new Part(in.getLong(), in.getLong(), in.getLong(), in.getInt()));
        }
        return new Manifest(log, id, startOffset, parts);
    }

    /** Of everything before the position. */
    private static int crc(ByteBuffer buffer) {
        var crc = new CRC32C();
        crc.update(buffer.duplicate().flip());
        return (int) crc.getValue();
    }
}
