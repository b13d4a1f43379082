// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files in memory that forget, at {@link #crash}, every byte, size, creation, rename and deletion
 * that was not forced. Made with a seed, a crash keeps instead a random part of it: any 512-byte
 * sectors, and the names as they were after any prefix of the unforced changes, as a journaling
 * file system does. Any thread.
 */
public sealed class VolatileFileLayer implements FileLayer permits SimulatedFileLayer {
    /** What a {@link Faults} hook is asked about. */
    public enum Operation {
        OPEN,
        READ,
        WRITE,
        FORCE,
        TRUNCATE,
        RENAME,
        DELETE,
        FORCE_DIRECTORY,
        CREATE_DIRECTORY
    }

    /** Called before an operation, which fails with what this throws. */
    @FunctionalInterface
    public interface Faults {
        void before(Operation operation, String path) throws IOException;
    }

    private record NameChange(
            String directory, String path, @Nullable VolatileFile now, @Nullable String gone) {}

    private final @Nullable Random random;
    private final Set<String> directories = new HashSet<>(Set.of(""));
    private final TreeMap<String, VolatileFile> names = new TreeMap<>();
    private final TreeMap<String, VolatileFile> durableNames = new TreeMap<>();
    private final List<NameChange> unforced = new ArrayList<>();
    private final Set<String> locks = new HashSet<>();
    private Faults faults = (operation, path) -> {};
    private long capacityBytes = Long.MAX_VALUE;
    private long forces;
    private int openFiles;
    int incarnation;

    /** A crash forgets all that was not forced. */
    public VolatileFileLayer() {
        random = null;
    }

    /** A crash keeps a random part of what was not forced. */
    public VolatileFileLayer(long seed) {
        random = new Random(seed);
    }

    /**
     * The power fails and returns: open files are dead, locks free, what was not forced is
     * forgotten.
     */
    public synchronized void crash() {
        crash(random == null ? Survival.NOTHING : Survival.random(random));
    }

    /** As {@link #crash()}, with a say in what is kept of what was not forced. */
    public synchronized void crash(Survival survival) {
        killProcess();
        unforced.subList(0, survival.names(unforced.size())).forEach(this::makeDurable);
        unforced.clear();
        names.clear();
        names.putAll(durableNames);
        var seen = new HashSet<VolatileFile>();
        durableNames.forEach(
                (path, file) -> {
                    if (seen.add(file)) {
                        file.crash(path, survival);
                    }
                });
    }

    /**
     * The process dies, the machine does not: open files are dead, locks free, nothing is
     * forgotten.
     */
    public synchronized void killProcess() {
        incarnation++;
        openFiles = 0;
        locks.clear();
        faults = (operation, path) -> {};
    }

    /** Asks {@code hook} before every operation; a crash ends that. */
    public synchronized void faults(Faults hook) {
        faults = hook;
    }

    /** Writes beyond this many bytes in all files fail as a full disk does. */
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /** Forces of files so far. */
    public synchronized long forces() {
        return forces;
    }

    /** Turns one bit, on the medium and in memory. */
    public synchronized void flipBit(String path, long position, int bit) throws IOException {
        file(path).flipBit((int) position, bit);
    }

    /** All files, by path. */
    public synchronized List<String> files() {
        return List.copyOf(names.keySet());
    }

    /** Files opened and not closed since the last crash. */
    public synchronized int openFiles() {
        return openFiles;
    }

    /** All bytes of a file, as a reader sees them. */
    public synchronized byte[] bytes(String path) throws IOException {
        return file(path).bytes();
    }

    /** Puts bytes into a file, on the medium and in memory, as a stray write of the disk does. */
    public synchronized void damage(String path, long position, byte[] bytes) throws IOException {
        file(path).damage((int) position, bytes);
    }

    /** Takes over the files of another layer, with what is not forced of them; none is open. */
    public synchronized void takeOver(VolatileFileLayer from) {
        var copies = new HashMap<VolatileFile, VolatileFile>();
        directories.addAll(from.directories);
        from.durableNames.forEach((path, file) -> durableNames.put(path, copy(copies, file)));
        from.names.forEach((path, file) -> names.put(path, copy(copies, file)));
        for (NameChange change : from.unforced) {
            VolatileFile now = change.now == null ? null : copy(copies, change.now);
            unforced.add(new NameChange(change.directory, change.path, now, change.gone));
        }
    }

    private static VolatileFile copy(Map<VolatileFile, VolatileFile> copies, VolatileFile file) {
        return copies.computeIfAbsent(file, VolatileFile::copy);
    }

    /** Bytes of all files. */
    public synchronized long usedBytes() {
        long used = 0;
        for (VolatileFile file : names.values()) {
            used += file.size();
        }
        return used;
    }

    @Override
    public synchronized StorageFile open(String path, OpenMode mode) throws IOException {
        check(Operation.OPEN, path);
        requireDirectory(parent(path));
        if (directories.contains(path)) {
            throw new IOException("'" + path + "' is a directory");
        }
        VolatileFile present = names.get(path);
        if (present == null && mode == OpenMode.READ) {
            throw new NoSuchFileException(path);
        }
        if (present != null && mode == OpenMode.CREATE_NEW) {
            throw new FileAlreadyExistsException(path);
        }
        if (present == null) {
            present = new VolatileFile();
            change(path, present, null);
        }
        return new VolatileHandle(this, present, path, mode != OpenMode.READ);
    }

    @Override
    public synchronized boolean exists(String path) {
        checkPath(path);
        return directories.contains(path) || names.containsKey(path);
    }

    @Override
    public synchronized List<String> list(String directory) {
        checkPath(directory);
        var found = new TreeSet<String>();
        String prefix = directory.isEmpty() ? "" : directory + "/";
        for (String path : names.keySet()) {
            addChild(found, prefix, path);
        }
        for (String path : directories) {
            addChild(found, prefix, path);
        }
        return List.copyOf(found);
    }

    private static void addChild(Set<String> found, String prefix, String path) {
        if (path.length() > prefix.length()
                && path.startsWith(prefix)
                && path.indexOf('/', prefix.length()) < 0) {
            found.add(path.substring(prefix.length()));
        }
    }

    @Override
    public synchronized void createDirectories(String directory) throws IOException {
        check(Operation.CREATE_DIRECTORY, directory);
        for (String path = directory; directories.add(path); path = parent(path)) {
            if (names.containsKey(path)) {
                directories.remove(path);
                throw new FileAlreadyExistsException(path);
            }
        }
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        check(Operation.RENAME, from);
        checkPath(to);
        requireDirectory(parent(to));
        change(to, file(from), from.equals(to) ? null : from);
    }

    @Override
    public synchronized void delete(String path) throws IOException {
        check(Operation.DELETE, path);
        if (directories.contains(path)) {
            if (!list(path).isEmpty()) {
                throw new DirectoryNotEmptyException(path);
            }
            directories.remove(path);
        } else if (names.containsKey(path)) {
            change(path, null, null);
        }
    }

    @Override
    public synchronized void forceDirectory(String directory) throws IOException {
        check(Operation.FORCE_DIRECTORY, directory);
        requireDirectory(directory);
        var left = new ArrayList<NameChange>();
        for (NameChange change : unforced) {
            if (change.directory.equals(directory)) {
                makeDurable(change);
            } else {
                left.add(change);
            }
        }
        unforced.clear();
        unforced.addAll(left);
    }

    @Override
    public synchronized long usableBytes() {
        return capacityBytes - usedBytes();
    }

    @Override
    public synchronized Registration lock(String path) throws IOException {
        checkPath(path);
        requireDirectory(parent(path));
        if (!locks.add(path)) {
            throw new IOException("'" + path + "' is locked");
        }
        if (!names.containsKey(path)) {
            change(path, new VolatileFile(), null);
        }
        int holder = incarnation;
        return () -> unlock(path, holder);
    }

    private synchronized void unlock(String path, int holder) {
        if (holder == incarnation) {
            locks.remove(path);
        }
    }

    void forced() {
        forces++;
    }

    void opened(int change) {
        openFiles += change;
    }

    void write(VolatileFile file, String path, ByteBuffer source, int position) throws IOException {
        file.write(source, position);
    }

    void force(VolatileFile file, String path) throws IOException {
        try {
            check(Operation.FORCE, path);
        } catch (IOException failure) {
            file.failForce();
            throw failure;
        }
        file.force();
    }

    void check(Operation operation, String path) throws IOException {
        checkPath(path);
        faults.before(operation, path);
    }

    /** Refuses growth beyond the capacity, as ENOSPC. */
    void requireRoom(String path, long growth) throws IOException {
        if (growth > 0 && growth > usableBytes()) {
            throw new IOException(
                    "cannot write "
                            + growth
                            + " more bytes to '"
                            + path
                            + "': No space left on device");
        }
    }

    private void change(String path, @Nullable VolatileFile now, @Nullable String gone) {
        if (gone != null) {
            names.remove(gone);
        }
        if (now == null) {
            names.remove(path);
        } else {
            names.put(path, now);
        }
        unforced.add(new NameChange(parent(path), path, now, gone));
    }

    private void makeDurable(NameChange change) {
        if (change.gone != null) {
            durableNames.remove(change.gone);
        }
        if (change.now == null) {
            durableNames.remove(change.path);
        } else {
            durableNames.put(change.path, change.now);
        }
    }

    private VolatileFile file(String path) throws NoSuchFileException {
        VolatileFile file = names.get(path);
        if (file == null) {
            throw new NoSuchFileException(path);
        }
        return file;
    }

    private void requireDirectory(String directory) throws NoSuchFileException {
        if (!directories.contains(directory)) {
            throw new NoSuchFileException(directory);
        }
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private static void checkPath(String path) {
        if (path.isEmpty()) {
            return;
        }
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException(
                        "path '" + path + "' is not plain names joined by '/'");
            }
        }
    }
}
