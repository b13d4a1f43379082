// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Hears what the broker logs, which nobody reads: a defect that is caught and logged would go
 * unnoticed otherwise.
 */
final class LogWatch extends Handler {
    /** What is logged at ERROR when the disk fails, and then only. */
    private static final List<String> OF_A_FAILING_DISK =
            List.of(
                    " partitions failed; they reopen",
                    ": cannot be opened",
                    ": not compacted until it is opened again",
                    ": the engine keeps its old configuration",
                    ": start cannot be advanced to ",
                    ": cannot be read at offset ",
                    "A log did not follow its topic",
                    " did not close well");

    /** What is logged at ERROR when something is damaged. */
    private static final List<String> OF_DAMAGE =
            List.of(
                    ": not compacted until it is opened again",
                    " are damaged and refused ",
                    ": producers, transactions and epochs of the damaged offsets ",
                    " acknowledged offsets");

    /** Says what is damaged, and nothing else. */
    private static final String DAMAGE_LOG = "io.mortise.storage.segment.DamageLog";

    private static final Logger LOG = Logger.getLogger("io.mortise");

    private final Thread thread = Thread.currentThread();
    private @Nullable Consumer<LogRecord> listener;

    /**
     * Runs {@code task} with all that is logged meanwhile told to whom {@link #listen} names, and
     * to nobody else.
     */
    static void over(Consumer<LogWatch> task) {
        var watch = new LogWatch();
        LOG.addHandler(watch);
        LOG.setUseParentHandlers(false);
        LOG.setLevel(Level.WARNING);
        try {
            task.accept(watch);
        } finally {
            LOG.setLevel(null);
            LOG.setUseParentHandlers(true);
            LOG.removeHandler(watch);
        }
    }

    void listen(Consumer<LogRecord> next) {
        listener = next;
    }

    @Override
    public void publish(LogRecord record) {
        Consumer<LogRecord> hears = listener;
        if (hears != null && Thread.currentThread().equals(thread)) {
            hears.accept(record);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    /** Whether nothing of what has happened explains it. */
    static boolean unexpected(LogRecord record, boolean diskFailed, boolean damaged) {
        if (isDefect(record.getThrown())) {
            return true;
        }
        boolean error = record.getLevel().intValue() >= Level.SEVERE.intValue();
        boolean explained =
                (diskFailed && isOf(OF_A_FAILING_DISK, record))
                        || (damaged && isOf(OF_DAMAGE, record))
                        || (damaged && DAMAGE_LOG.equals(record.getLoggerName()));
        return error && !explained;
    }

    private static boolean isOf(List<String> kinds, LogRecord record) {
        String message = record.getMessage();
        return kinds.stream().anyMatch(message::contains);
    }

    /** Whether it was thrown though no disk failed and nobody was refused. */
    private static boolean isDefect(@Nullable Throwable thrown) {
        return switch (thrown) {
            case null -> false;
            case IOException _, RefusedException _, UncheckedIOException _ -> false;
            case CompletionException wrapper -> isDefect(wrapper.getCause());
            default -> true;
        };
    }
}
