// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Real directories for an engine that writes its files by itself. The death of its process is a
 * copy of what the operating system holds of the directory: what the engine still has in memory is
 * not in it. A loss of power cannot be played, so nothing has to reach a device: where the machine
 * has files in memory, these are such.
 */
final class OwnFiles {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path root;
    private int lives;
    private Path directory;
    private @Nullable AutoCloseable engine;

    OwnFiles() {
        try {
            root =
                    Files.isWritable(MEMORY)
                            ? Files.createTempDirectory(MEMORY, "mortise-own-files")
                            : Files.createTempDirectory("mortise-own-files");
            directory = Files.createDirectory(root.resolve("0"));
        } catch (IOException failure) {
            throw new AssertionError("no temporary directory", failure);
        }
    }

    Path directory() {
        return directory;
    }

    /** Who is to be told, at the end of a life, that it is over. */
    void usedBy(AutoCloseable user) {
        engine = user;
    }

    /** What an engine asks of names; its bytes go past this. */
    FileLayer names(FileLayer simulated) {
        return new Names(simulated, directory);
    }

    /** The process dies: the next life begins with what was handed to the operating system. */
    void kill() {
        try {
            Path next = root.resolve(Integer.toString(++lives));
            copy(directory, next);
            end();
            delete(directory);
            directory = next;
        } catch (IOException failure) {
            throw new AssertionError("the directory cannot be copied", failure);
        }
    }

    /** Frees what the last engine holds; its complaints are of no interest. */
    private void end() {
        AutoCloseable last = engine;
        engine = null;
        if (last != null) {
            try {
                last.close();
            } catch (Exception expected) {
                // it was dead already
            }
        }
    }

    void delete() {
        end();
        try {
            delete(root);
        } catch (IOException failure) {
            throw new AssertionError("the directory cannot be deleted", failure);
        }
    }

    /** Copies files at one moment: once more if background work of the engine changed any. */
    private static void copy(Path from, Path to) throws IOException {
        Map<Path, String> before = look(from);
        Map<Path, String> after = Map.of();
        for (int tries = 0; !before.equals(after); tries++) {
            if (tries == 100) {
                throw new IOException("the files of an idle engine do not come to rest");
            }
            delete(to);
            copyNow(from, to);
            after = before;
            before = look(from);
        }
    }

    private static void copyNow(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        } catch (NoSuchFileException | UncheckedIOException deletedMeanwhile) {
            // what was looked at will differ
        }
    }

    /** Size and time of each file. */
    private static Map<Path, String> look(Path directory) throws IOException {
        var seen = new TreeMap<Path, String>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                seen.put(each, Files.size(each) + " " + Files.getLastModifiedTime(each));
            }
        } catch (NoSuchFileException | UncheckedIOException deletedMeanwhile) {
            seen.clear();
            seen.put(directory, "changing at " + System.nanoTime());
        }
        return seen;
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    /** Names are real; files of this layer are simulated still. */
    private static final class Names extends ForwardingFileLayer {
        private final Path directory;

        Names(FileLayer simulated, Path directory) {
            super(simulated);
            this.directory = directory;
        }

        @Override
        public boolean exists(String path) {
            return Files.exists(directory.resolve(path));
        }

        @Override
        public List<String> list(String path) throws IOException {
            try (Stream<Path> entries = Files.list(directory.resolve(path))) {
                return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
            } catch (NoSuchFileException | NotDirectoryException absent) {
                return List.of();
            }
        }

        @Override
        public void createDirectories(String path) throws IOException {
            Files.createDirectories(directory.resolve(path));
        }

        @Override
        public void delete(String path) throws IOException {
            Files.deleteIfExists(directory.resolve(path));
        }
    }
}
