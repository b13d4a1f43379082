// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.directory;

import io.mortise.kernel.metadata.LogDirectoryIdentity;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The directories that keep this node's logs, and whether each is in service. One whose disk fails
 * is looked at again and again, with patience, and comes back by itself; the others never notice.
 *
 * <p>Any thread. Nothing but {@link #open} and {@link #close()} blocks.
 */
public final class Directories implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Directories.class);
    private static final int LONGEST_DELAY = 100;

    /** Who keeps logs in them. Called aside, one call per directory at a time. */
    public interface Keeper {
        /** Opens what is to be open over the directory and is not yet. */
        void bringUp(LogDirectory directory) throws IOException;

        /** The directory is in service again. */
        void back(LogDirectory directory);

        /** Partitions that it keeps. */
        int partitions(LogDirectory directory);
    }

    private final List<LogDirectory> all;
    private final @Nullable KnownDirectories known;
    private final @Nullable DirectoryMounts mounts;
    private final List<Registration> gauges = new ArrayList<>();
    private @Nullable Scheduler scheduler;
    private @Nullable Keeper keeper;
    private long delayNanos;
    private volatile boolean closed;

    private Directories(
            List<LogDirectory> all,
            @Nullable KnownDirectories known,
            @Nullable DirectoryMounts mounts) {
        this.all = all;
        this.known = known;
        this.mounts = mounts;
    }

    /** One that is taken as it is: nobody looks whether it works. */
    public static Directories alone() {
        return new Directories(List.of(LogDirectory.primary("data", null)), null, null);
    }

    /**
     * Meets every directory. One that is missing, lost or does not work is out of service.
     *
     * @param states of the partitions, in the data directory; what is known is kept there
     * @param random for ids of new directories
     * @throws RefusedException a directory is in use, of another node or cluster, or there twice
     */
    public static Directories open(
            LogDirectory primary,
            List<LogDirectory> others,
            FileLayer states,
            LogDirectoryIdentity identity,
            RandomGenerator random)
            throws IOException {
        List<LogDirectory> all = Stream.concat(Stream.of(primary), others.stream()).toList();
        var known = new KnownDirectories(states);
        var mounts = new DirectoryMounts(all, known, identity, random);
        var opened = new Directories(all, known, mounts);
        try {
            for (LogDirectory other : others) {
                opened.meet(other);
            }
            return opened;
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    private void meet(LogDirectory directory) {
        try {
            mounts().mount(directory);
        } catch (RefusedException refused) {
            if (isOperatorsFault(refused)) {
                throw refused;
            }
            outOfService(directory, refused);
        } catch (IOException missing) {
            outOfService(directory, missing);
        }
    }

    private DirectoryMounts mounts() {
        return Objects.requireNonNull(mounts); // whoever is alone is taken as it is
    }

    private static boolean isOperatorsFault(RefusedException refused) {
        return switch (refused.refusal().reason()) {
            case INVALID_CONFIG, UNSUPPORTED, IN_USE -> true;
            default -> false; // the disk's
        };
    }

    /**
     * Begins to look after them.
     *
     * @param firstDelayNanos between a failure and the second look; doubles up to 100 times that
     */
    public void start(Scheduler on, Keeper forWhom, long firstDelayNanos, Metrics metrics) {
        scheduler = on;
        keeper = forWhom;
        delayNanos = firstDelayNanos;
        for (LogDirectory directory : all) {
            gauges.add(
                    metrics.gauge(
                            "mortise_partition_directory_online",
                            "Whether a directory of logs is in service: 1 or 0",
                            () -> directory.offline() == null ? 1 : 0,
                            "directory",
                            directory.name()));
            gauges.add(
                    metrics.gauge(
                            "mortise_partition_directory_partitions",
                            "Partitions that a directory keeps",
                            () -> forWhom.partitions(directory),
                            "directory",
                            directory.name()));
            if (directory.offline() != null) {
                directory.looking.set(true);
                later(directory);
            }
        }
    }

    /** All of them, the data directory first. */
    public List<LogDirectory> all() {
        return all;
    }

    /** The data directory. */
    public LogDirectory primary() {
        return all.getFirst();
    }

    /** Whether there never was another one than the data directory. */
    public boolean onlyPrimary() {
        return all.size() == 1 && (known == null || known.isEmpty());
    }

    /** The directory with that id, if it was met. */
    public @Nullable LogDirectory find(String id) {
        for (LogDirectory directory : all) {
            if (id.equals(directory.id())) {
                return directory;
            }
        }
        return null;
    }

    /** The directory's id or, if it was not met yet, that of what was there last. */
    public @Nullable String idOf(LogDirectory directory) {
        String id = directory.id();
        return id != null || known == null ? id : known.idAt(directory.name());
    }

    /** Whether no directory has that id, nor one that was not met yet had it. */
    public boolean isUnknown(String id) {
        for (LogDirectory directory : all) {
            if (id.equals(idOf(directory))) {
                return false;
            }
        }
        return true;
    }

    /** Why nothing can be read from or written to the directory with that id. */
    public Refusal absence(String id) {
        LogDirectory met = find(id);
        if (met != null) {
            Refusal offline = met.offline();
            return offline != null
                    ? offline
                    : unavailable("the log directory " + met.name() + " is being opened");
        }
        String path = known == null ? null : known.pathOf(id);
        for (LogDirectory directory : all) {
            Refusal offline = directory.offline();
            if (directory.name().equals(path) && offline != null) {
                return offline;
            }
        }
        return unavailable(
                "the log directory "
                        + (path == null ? "" : path + " ")
                        + "with id "
                        + id
                        + " is not among logs.directories; name it there again");
    }

    private static Refusal unavailable(String message) {
        return new Refusal(Reason.STORAGE_UNAVAILABLE, message);
    }

    // Out of service, and back.

    /** Something failed that may be the disk's fault: has a look, aside. */
    public void suspect(LogDirectory directory) {
        Scheduler on = scheduler;
        boolean canLook = directory.files() != null || directory.source() != null;
        if (on != null && canLook && !closed && directory.looking.compareAndSet(false, true)) {
            on.execute(() -> look(directory));
        }
    }

    private void look(LogDirectory directory) {
        Keeper forWhom = Objects.requireNonNull(keeper);
        if (closed) {
            return;
        }
        try {
            if (directory.files() == null) {
                mounts().mount(directory);
            }
            mounts().probe(directory);
            forWhom.bringUp(directory);
        } catch (IOException | RuntimeException failed) {
            outOfService(directory, failed);
            later(directory);
            return;
        }
        directory.failures = 0;
        boolean wasOffline = directory.offline() != null;
        directory.offline(null);
        directory.looking.set(false);
        if (wasOffline) {
            LOG.info(
                    "The log directory {} is back in service, with its {} partitions",
                    directory,
                    forWhom.partitions(directory));
            forWhom.back(directory);
        }
    }

    private void later(LogDirectory directory) {
        long factor = Math.min(LONGEST_DELAY, 1L << Math.min(directory.failures++, 30));
        Objects.requireNonNull(scheduler).schedule(() -> look(directory), delayNanos * factor);
    }

    private void outOfService(LogDirectory directory, Exception cause) {
        String said = said(cause);
        var why =
                new Refusal(
                        Reason.STORAGE_UNAVAILABLE,
                        "the log directory " + directory + " is out of service: " + said);
        Refusal before = directory.offline();
        directory.offline(why);
        if (before == null) {
            Keeper forWhom = keeper;
            LOG.error(
                    "The log directory {} is out of service{}; it comes back by itself once it"
                            + " works. {}",
                    directory,
                    forWhom == null
                            ? ""
                            : " with its " + forWhom.partitions(directory) + " partitions",
                    said);
            LOG.debug("{}", directory, cause);
        } else if (!before.equals(why)) {
            LOG.warn("The log directory {} is still out of service: {}", directory, said);
        }
    }

    private static String said(Exception cause) {
        if (cause instanceof RefusedException refused) {
            return refused.refusal().message();
        }
        boolean speaks = cause.getClass() == IOException.class && cause.getMessage() != null;
        return speaks ? cause.getMessage() : cause.toString();
    }

    /** Gives the directories back. */
    @Override
    public void close() {
        closed = true;
        if (mounts != null) {
            mounts.close();
        }
        gauges.forEach(Registration::close);
        all.forEach(LogDirectory::release);
    }
}
