// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A plugin's jar.
 *
 * @param files the layer it is read through
 * @param root the directory of the layer, because the framework opens bundles by itself
 * @param name in that layer
 */
public record BundleFile(FileLayer files, Path root, String name) {
    private static final int CHUNK = 64 << 10;
    private static final String SIGNATURE = ".sig";

    /** Where the framework finds it without copying. */
    String location() {
        return "reference:" + root.resolve(name).toUri();
    }

    /** For messages. */
    String shortName() {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Of the jar, in bytes. */
    long size() throws IOException {
        try (StorageFile file = files.open(name, OpenMode.READ)) {
            return file.size();
        }
    }

    /** The whole jar. */
    byte[] bytes() throws IOException {
        return bytes(name);
    }

    /** The 64 bytes of the file beside it, or null if there is none. */
    byte @Nullable [] signature() throws IOException {
        return files.exists(name + SIGNATURE) ? bytes(name + SIGNATURE) : null;
    }

    /** Puts a signature beside it, durably once the directory is. */
    void sign(byte[] signature) throws IOException {
        try (StorageFile file = files.open(name + SIGNATURE, OpenMode.CREATE_NEW)) {
            file.write(ByteBuffer.wrap(signature), 0);
            file.force();
        }
    }

    /** Renames jar and signature; the jar last, for it is what counts. */
    BundleFile renamed(String next) throws IOException {
        if (files.exists(name + SIGNATURE)) {
            files.rename(name + SIGNATURE, next + SIGNATURE);
        }
        files.rename(name, next);
        return new BundleFile(files, root, next);
    }

    /** Deletes jar and signature. */
    void delete() throws IOException {
        files.delete(name);
        files.delete(name + SIGNATURE);
    }

    private byte[] bytes(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            long position = 0;
            while (bytes.hasRemaining() && file.read(bytes, position) > 0) {
                position = bytes.position();
            }
            return bytes.array();
        }
    }

    /** Tells contents apart: length and CRC-32C. */
    String identity() throws IOException {
        try (StorageFile file = files.open(name, OpenMode.READ)) {
            var crc = new CRC32C();
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long position = 0;
            while (file.read(chunk.clear(), position) > 0) {
                position += chunk.position();
                crc.update(chunk.flip());
            }
            return position + "-" + HexFormat.of().toHexDigits((int) crc.getValue());
        }
    }

    /** {@code sha256:} and 64 hexadecimal digits. */
    String hash() throws IOException {
        MessageDigest digest = sha256();
        try (StorageFile file = files.open(name, OpenMode.READ)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long position = 0;
            while (file.read(chunk.clear(), position) > 0) {
                position += chunk.position();
                digest.update(chunk.flip());
            }
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** CRC-32C of a text, as 8 hexadecimal digits. */
    static String crc(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** What is in it, as far as can be seen without loading a class. */
    public BundleContents contents() {
        try (InputStream in = stream()) {
            return BundleContents.read(shortName(), in);
        } catch (IOException unreadable) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    shortName() + " is no readable jar: " + unreadable.getMessage());
        }
    }

    /** Its bytes from the start. */
    InputStream stream() throws IOException {
        StorageFile file = files.open(name, OpenMode.READ);
        return new InputStream() {
            private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);
            private long position;

            @Override
            public int read() throws IOException {
                return fill() ? chunk.get() & 0xFF : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (!fill()) {
                    return -1;
                }
                int count = Math.min(length, chunk.remaining());
                chunk.get(target, offset, count);
                return count;
            }

            private boolean fill() throws IOException {
                if (chunk.hasRemaining()) {
                    return true;
                }
                chunk.clear();
                int count = file.read(chunk, position);
                chunk.flip();
                position += Math.max(count, 0);
                return count > 0;
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
