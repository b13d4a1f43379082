// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageContext;

import org.rocksdb.NativeLibraryLoader;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/** Where the database lies, and the native library on its way into memory. */
final class DatabaseFiles {
    private static final String DATABASE = "db";
    private static final String NATIVE = "native";
    private static final ReentrantLock LOADING = new ReentrantLock();
    private static boolean loaded;

    private final FileLayer files;
    private final Path directory;

    DatabaseFiles(StorageContext context) throws IOException {
        files = context.files();
        directory =
                context.directory()
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "RocksDB writes files of its own and needs a"
                                                        + " directory of the machine; here files"
                                                        + " are simulated"));
    }

    /** Whether a database was ever made. */
    boolean present() throws IOException {
        return files.exists(DATABASE + "/CURRENT");
    }

    /** The database's directory, made if absent. */
    String database() throws IOException {
        files.createDirectories(DATABASE);
        return directory.resolve(DATABASE).toString();
    }

    long usableBytes() throws IOException {
        return files.usableBytes();
    }

    /**
     * Loads the library, once in the life of the class loader. It is unpacked beside the database
     * and its name is gone as soon as it is mapped, so that a killed broker leaves no copy behind.
     */
    void loadLibrary() throws IOException {
        LOADING.lock();
        try {
            if (!loaded) {
                files.createDirectories(NATIVE);
                clearNative();
                NativeLibraryLoader.getInstance().loadLibrary(directory.resolve(NATIVE).toString());
                clearNative();
                loaded = true;
            }
        } catch (RuntimeException | UnsatisfiedLinkError missing) {
            throw new IOException(
                    "RocksDB's native library cannot be loaded (the bundle holds those for Linux"
                            + " with glibc on x86_64 and aarch64): "
                            + missing.getMessage(),
                    missing);
        } finally {
            LOADING.unlock();
        }
    }

    private void clearNative() throws IOException {
        for (String name : files.list(NATIVE)) {
            files.delete(NATIVE + "/" + name);
        }
    }
}
