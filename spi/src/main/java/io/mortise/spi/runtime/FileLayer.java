// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.runtime;

import io.mortise.spi.Registration;

import org.osgi.annotation.versioning.ProviderType;

import java.io.IOException;
import java.util.List;

/**
 * The files of one disk: what every file engine stands on. Paths are relative, with {@code /}
 * between names, below one root directory; {@code ..} is refused. Any thread may call.
 *
 * <p>What survives power loss: bytes after {@link StorageFile#force}, and names (creation, rename,
 * deletion) after {@link #forceDirectory} of the directory that holds them; nothing else is
 * promised.
 */
@ProviderType
public interface FileLayer {
    /** How {@link #open} treats a file that is there or is not. */
    enum OpenMode {
        /** Must exist; writes are refused. */
        READ,
        /** Created if absent, kept if present. */
        WRITE,
        /** Must not exist. */
        CREATE_NEW
    }

    /**
     * @throws java.nio.file.NoSuchFileException READ of an absent file, or no such directory
     * @throws java.nio.file.FileAlreadyExistsException CREATE_NEW of a present file
     */
    StorageFile open(String path, OpenMode mode) throws IOException;

    /** Whether a file or directory of that name is there. */
    boolean exists(String path) throws IOException;

    /**
     * The names (not paths) directly in {@code directory}, sorted; empty if the directory is
     * absent.
     */
    List<String> list(String directory) throws IOException;

    /** Makes {@code directory} and its parents; all are durable when this returns. */
    void createDirectories(String directory) throws IOException;

    /** Renames atomically, replacing {@code to}. */
    void rename(String from, String to) throws IOException;

    /** Deletes a file or an empty directory; absent is no error. */
    void delete(String path) throws IOException;

    /** Makes creations, renames and deletions in {@code directory} durable. */
    void forceDirectory(String directory) throws IOException;

    /** Bytes that may still be written before the disk is full. */
    long usableBytes() throws IOException;

    /**
     * Takes an exclusive lock that dies with the process.
     *
     * @throws IOException if another process holds it
     */
    Registration lock(String path) throws IOException;
}
