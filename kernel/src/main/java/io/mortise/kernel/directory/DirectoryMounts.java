// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.directory;

import io.mortise.kernel.metadata.LogDirectoryIdentity;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Finds log directories on the machine, sees whose they are, and takes them for this process. One
 * that was there before is never made anew. Any thread; blocks.
 */
final class DirectoryMounts {
    private static final String LOCK = "lock";
    private static final String PROBE = "probe";
    private static final int PROBE_BYTES = 4096;

    private final List<LogDirectory> all;
    private final KnownDirectories known;
    private final LogDirectoryIdentity identity;
    private final RandomGenerator random;
    private final ReentrantLock mounting = new ReentrantLock();

    /** Guarded by the lock. */
    private boolean closed;

    /**
     * @param random for ids of new directories
     */
    DirectoryMounts(
            List<LogDirectory> all,
            KnownDirectories known,
            LogDirectoryIdentity identity,
            RandomGenerator random) {
        this.all = all;
        this.known = known;
        this.identity = identity;
        this.random = random;
    }

    /** Waits for the mount under way; nothing is mounted any more. */
    void close() {
        mounting.lock();
        try {
            closed = true;
        } finally {
            mounting.unlock();
        }
    }

    /**
     * Meets a directory: from now on it is locked and has an id.
     *
     * @throws RefusedException it is in use, of another node or cluster, there twice, or lost
     */
    void mount(LogDirectory directory) throws IOException {
        mounting.lock();
        try {
            mountAlone(directory);
        } finally {
            mounting.unlock();
        }
    }

    private void mountAlone(LogDirectory directory) throws IOException {
        if (closed) {
            throw new IOException("the broker stops");
        }
        String name = directory.name();
        boolean wasHere = known.idAt(name) != null;
        FileLayer files = Objects.requireNonNull(directory.source()).open(!wasHere);
        String id = identity.read(files, name);
        if (id == null) {
            refuseLost(name, wasHere, files);
        }
        Registration lock = lock(files, name);
        try {
            id = id == null ? marked(files, name) : id;
            refuseTwice(directory, id);
            known.note(id, name);
        } catch (IOException | RuntimeException failed) {
            lock.close();
            throw failed;
        }
        directory.mounted(id, files, lock);
    }

    /** Whoever held the lock may have marked it meanwhile. */
    private String marked(FileLayer files, String name) throws IOException {
        String id = identity.read(files, name);
        return id == null ? identity.create(files, random) : id;
    }

    private static void refuseLost(String name, boolean wasHere, FileLayer files)
            throws IOException {
        if (wasHere) {
            throw new RefusedException(
                    Reason.STORAGE_FAILED,
                    name
                            + " has no meta.properties: what it held is lost, or its disk is not"
                            + " mounted. Mount it; if it is gone for good, name another directory"
                            + " in its place and delete the topics that it kept");
        }
        if (!files.list("logs").isEmpty()) {
            throw new RefusedException(
                    Reason.STORAGE_FAILED,
                    name
                            + " has logs and no meta.properties, so whose they are is not known."
                            + " Restore that file, or name an empty directory");
        }
    }

    private void refuseTwice(LogDirectory directory, String id) {
        for (LogDirectory other : all) {
            if (other != directory && id.equals(other.id())) {
                throw new RefusedException(
                        Reason.INVALID_CONFIG,
                        "the log directories "
                                + other
                                + " and "
                                + directory
                                + " have the same id "
                                + id
                                + ": one is a copy of the other; name one of them");
            }
        }
    }

    private static Registration lock(FileLayer files, String name) throws IOException {
        try {
            return files.lock(LOCK);
        } catch (FileSystemException e) {
            throw e; // the disk's fault
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.IN_USE,
                    "the log directory "
                            + name
                            + " is in use by another Mortise: "
                            + e.getMessage());
        }
    }

    /** Does with the disk what logs do. */
    void probe(LogDirectory directory) throws IOException {
        FileLayer files = Objects.requireNonNull(directory.files());
        if (!directory.isPrimary()) {
            String id = identity.read(files, directory.name());
            if (!Objects.equals(id, directory.id())) {
                throw new IOException(
                        directory
                                + " had the id "
                                + directory.id()
                                + " and has "
                                + (id == null ? "none" : id)
                                + " now: another disk is mounted there");
            }
        }
        files.delete(PROBE);
        try (StorageFile file = files.open(PROBE, OpenMode.CREATE_NEW)) {
            file.write(ByteBuffer.allocate(PROBE_BYTES), 0);
            file.force();
        }
        files.delete(PROBE);
        files.forceDirectory("");
    }
}
