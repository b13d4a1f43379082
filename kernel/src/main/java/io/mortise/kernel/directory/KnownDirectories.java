// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.directory;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The log directories that this node ever had, in {@code directories}: a {@link SmallFile} with
 * magic {@code MPDS}: count 4, each id and path (length 2, UTF-8). One that is known is never made
 * anew. One thread at a time; may block.
 */
final class KnownDirectories {
    private static final int MAGIC = 0x4D504453;
    private static final int VERSION = 1;

    private final SmallFile file;
    private final Map<String, String> pathsById = new LinkedHashMap<>();

    /**
     * Reads what is known.
     *
     * @throws RefusedException the file is damaged: it cannot be told what is missing
     */
    KnownDirectories(FileLayer states) throws IOException {
        file = new SmallFile(states, "", "directories", MAGIC, VERSION);
        ByteBuffer body = file.read();
        if (body != null) {
            for (int left = body.getInt(); left > 0; left--) {
                String id = text(body);
                pathsById.put(id, text(body));
            }
        } else if (file.exists()) {
            throw new RefusedException(
                    Reason.CORRUPT,
                    "partitions/directories of the data directory is damaged, so it is not known"
                            + " whether a log directory is missing. See to it that every directory"
                            + " of logs.directories is mounted, delete that file, start again");
        }
    }

    private static String text(ByteBuffer from) {
        byte[] bytes = new byte[from.getShort()];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    synchronized boolean isEmpty() {
        return pathsById.isEmpty();
    }

    /** What was last at a path; null if nothing. */
    synchronized @Nullable String idAt(String path) {
        String last = null;
        for (Map.Entry<String, String> entry : pathsById.entrySet()) {
            last = entry.getValue().equals(path) ? entry.getKey() : last;
        }
        return last;
    }

    /** Where a directory was last; null if it is not known. */
    synchronized @Nullable String pathOf(String id) {
        return pathsById.get(id);
    }

    /** A directory is there; durable when this returns. */
    synchronized void note(String id, String path) throws IOException {
        if (path.equals(pathsById.get(id))) {
            return;
        }
        String before = pathsById.put(id, path);
        try {
            file.write(encode());
        } catch (IOException failed) {
            if (before == null) {
                pathsById.remove(id);
            } else {
                pathsById.put(id, before);
            }
            throw failed;
        }
    }

    private byte[] encode() {
        int size = Integer.BYTES;
        for (Map.Entry<String, String> entry : pathsById.entrySet()) {
            size += 2 * Short.BYTES + bytes(entry.getKey()).length + bytes(entry.getValue()).length;
        }
        ByteBuffer body = ByteBuffer.allocate(size).putInt(pathsById.size());
        pathsById.forEach(
                (id, path) -> {
                    put(body, bytes(id));
                    put(body, bytes(path));
                });
        return body.array();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer body, byte[] text) {
        body.putShort((short) text.length).put(text);
    }
}
