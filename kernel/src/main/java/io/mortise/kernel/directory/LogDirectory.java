// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.directory;

import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A directory that keeps logs: the data directory itself, or one of {@code logs.directories}, which
 * is found again by the id that it carries. {@link Directories} says whether it is in service. Any
 * thread.
 */
public final class LogDirectory {
    /** Id of the data directory. */
    public static final String PRIMARY = "";

    /** The place of a directory on the machine. */
    @FunctionalInterface
    public interface Source {
        /**
         * @param create whether it is made if absent; else that fails
         */
        FileLayer open(boolean create) throws IOException;
    }

    private final int number;
    private final String name;
    private final @Nullable Source source;
    private volatile @Nullable String id;
    private volatile @Nullable FileLayer files;
    private volatile @Nullable Registration lock;
    private volatile @Nullable Refusal offline;

    // Of Directories, which looks at one directory at a time.
    final AtomicBoolean looking = new AtomicBoolean();
    int failures;

    private LogDirectory(int number, String name, @Nullable Source source) {
        this.number = number;
        this.name = name;
        this.source = source;
    }

    /**
     * The data directory.
     *
     * @param files null where nobody looks whether it works
     */
    public static LogDirectory primary(String name, @Nullable FileLayer files) {
        var primary = new LogDirectory(0, name, null);
        primary.id = PRIMARY;
        primary.files = files;
        return primary;
    }

    /**
     * One of {@code logs.directories}.
     *
     * @param number from 1, in the order of the configuration
     * @param name its path, as operators know it
     */
    public static LogDirectory other(int number, String name, Source source) {
        return new LogDirectory(number, name, source);
    }

    /** 0 for the data directory. */
    public int number() {
        return number;
    }

    /** For messages and labels. */
    public String name() {
        return name;
    }

    /** Whether it is the data directory. */
    public boolean isPrimary() {
        return number == 0;
    }

    /** Null until it was met. */
    public @Nullable String id() {
        return id;
    }

    /** Null until it was met, or where nobody looks whether it works. */
    @Nullable FileLayer files() {
        return files;
    }

    @Nullable Source source() {
        return source;
    }

    /** Why it is out of service; null if it is not. */
    public @Nullable Refusal offline() {
        return offline;
    }

    void offline(@Nullable Refusal why) {
        offline = why;
    }

    void mounted(String foundId, FileLayer over, Registration held) {
        lock = held;
        files = over;
        id = foundId;
    }

    void release() {
        Registration held = lock;
        lock = null;
        if (held != null) {
            held.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
