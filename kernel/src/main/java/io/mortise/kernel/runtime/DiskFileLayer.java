// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Files below one directory of the machine. */
public final class DiskFileLayer implements FileLayer {
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ);
    private static final Set<OpenOption> WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    private static final Set<OpenOption> CREATE_NEW =
            Set.of(
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE_NEW);

    private final Path root;
    private final FileAttribute<?>[] attributes;

    /** Uses {@code root}, which is made, durably, if it is absent. */
    public DiskFileLayer(Path root) throws IOException {
        this(root.toAbsolutePath().normalize(), new FileAttribute<?>[0]);
        createDurably(this.root);
    }

    private DiskFileLayer(Path root, FileAttribute<?>[] attributes) {
        this.root = root;
        this.attributes = attributes;
    }

    /**
     * A layer whose new files only their owner may read (mode 0600, from the first byte on).
     *
     * @throws NotDirectoryException there is no directory {@code root}; none is made
     */
    public static DiskFileLayer ownerOnly(Path root) throws IOException {
        Path directory = root.toAbsolutePath().normalize();
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        return new DiskFileLayer(directory, SecretFile.attributes());
    }

    /**
     * A layer over a directory that is there.
     *
     * @throws IOException it is not; none is made
     */
    public static DiskFileLayer existing(Path root) throws IOException {
        Path directory = root.toAbsolutePath().normalize();
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is absent, or no directory");
        }
        return new DiskFileLayer(directory, new FileAttribute<?>[0]);
    }

    /** A layer over a directory below this one, made if absent. */
    public DiskFileLayer below(String directory) throws IOException {
        return new DiskFileLayer(resolve(directory));
    }

    /** The directory that all paths are relative to. */
    public Path root() {
        return root;
    }

    @Override
    public StorageFile open(String path, OpenMode mode) throws IOException {
        Set<OpenOption> options =
                switch (mode) {
                    case READ -> READ;
                    case WRITE -> WRITE;
                    case CREATE_NEW -> CREATE_NEW;
                };
        return new DiskFile(
                path,
                FileChannel.open(resolve(path), options, attributes),
                this,
                mode != OpenMode.READ);
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(resolve(path));
    }

    @Override
    public List<String> list(String directory) throws IOException {
        try (Stream<Path> entries = Files.list(resolve(directory))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return List.of();
        }
    }

    @Override
    public void createDirectories(String directory) throws IOException {
        createDurably(resolve(directory));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                resolve(from),
                resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(resolve(path));
    }

    @Override
    public void forceDirectory(String directory) throws IOException {
        forceDirectory(resolve(directory));
    }

    /** Size of the file system. */
    public long totalBytes() throws IOException {
        return Files.getFileStore(root).getTotalSpace();
    }

    @Override
    public long usableBytes() throws IOException {
        FileStore store = Files.getFileStore(root);
        return store.getUsableSpace();
    }

    @Override
    @SuppressWarnings("resource") // the channel lives as long as the lock
    public Registration lock(String path) throws IOException {
        FileChannel channel = FileChannel.open(resolve(path), WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "'" + resolve(path) + "' is locked: another process uses this directory");
        }
        return () -> closeQuietly(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException ignored) {
            // the lock is gone with the descriptor, whatever close said
        }
    }

    private static void createDurably(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDurably(parent);
        }
        Files.createDirectories(directory);
        if (parent != null) {
            forceDirectory(parent);
        }
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path resolve(String path) {
        if (path.isEmpty()) {
            return root;
        }
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException(
                        "path '" + path + "' is not plain names joined by '/'");
            }
        }
        return root.resolve(path);
    }
}
