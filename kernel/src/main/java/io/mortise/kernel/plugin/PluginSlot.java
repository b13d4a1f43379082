// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginRun.Ended;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One plugin, whatever version of it there is. Its lock is held over a whole operation, which may
 * take seconds; the status can be read meanwhile.
 */
final class PluginSlot {
    private static final Logger LOG = LoggerFactory.getLogger(PluginSlot.class);

    private final PluginHost host;
    private final ReentrantLock lock = new ReentrantLock();
    private PluginUnit unit;
    private volatile @Nullable PluginRun run;
    private volatile PluginStatus status;
    private LoaderLeaks.@Nullable Suspect leaked;

    /**
     * @param state of one that does not run yet
     */
    PluginSlot(PluginHost host, PluginUnit unit, PluginState state) {
        this.host = host;
        this.unit = unit;
        this.status = status(unit, state, null, null);
    }

    PluginStatus status() {
        return status;
    }

    PluginDescriptor descriptor() {
        return unit.descriptor();
    }

    /** Whether it serves; true for one that is not active, which nobody waits for. */
    boolean ready() {
        PluginRun running = run;
        return running == null || running.ready();
    }

    /** Starts it, or marks it FAILED with the reason, which is thrown too. */
    void start() {
        locked(
                () -> {
                    if (run == null) {
                        run = tryStart(unit);
                        become(PluginState.ACTIVE, null, null);
                        LOG.info("{} is active", unit.descriptor().title());
                    }
                });
    }

    /** Stops it; its classes go. */
    void stop() {
        locked(
                () -> {
                    if (run != null) {
                        refuseInUse(host.activators().needsToRun(unit.descriptor()), "stopped", "");
                    }
                    become(PluginState.STOPPED, null, end(unit));
                });
    }

    /** Stops it without asking who uses it: the broker ends. */
    void shutDown() {
        locked(
                () -> {
                    PluginRun ending = run;
                    run = null;
                    if (ending != null) {
                        ending.stop(host.drainNanos());
                    }
                });
    }

    /**
     * Stops and forgets it.
     *
     * @param forced lets go of what can do without it
     * @param forget makes it count no more; if this refuses, it is stopped only
     */
    void uninstall(boolean forced, Runnable forget) {
        locked(
                () -> {
                    refuseUninstall(forced);
                    become(PluginState.STOPPED, null, end(unit));
                    forget.run();
                    unit.uninstall();
                });
    }

    private void refuseUninstall(boolean forced) {
        PluginDescriptor descriptor = unit.descriptor();
        if (run != null) {
            refuseInUse(host.activators().needsAlways(descriptor), "uninstalled", "");
        }
        if (!forced) {
            refuseInUse(
                    host.activators().needs(descriptor, run != null),
                    "uninstalled",
                    ", or uninstall it with --force: they stay, and wait until it is back");
        }
    }

    /**
     * Puts {@code next} in the place of the present version; if it does not start, nothing changes.
     */
    void upgrade(PluginUnit next) {
        locked(
                () -> {
                    if (run == null) {
                        replaceIdle(next);
                    } else if (next.descriptor().exclusive() || unit.descriptor().exclusive()) {
                        replaceOneByOne(next);
                    } else {
                        replaceOverlapping(next);
                    }
                });
    }

    /** Adds what an operator should know. */
    void note(String note) {
        status = status(unit, status.state(), status.reason(), note);
    }

    /** Drops the note about a leak that is no more. */
    void recheck() {
        locked(
                () -> {
                    if (leaked != null && LoaderLeaks.gone(leaked)) {
                        leaked = null;
                        become(status.state(), status.reason(), null);
                    }
                });
    }

    private void replaceIdle(PluginUnit next) {
        PluginUnit old = unit;
        boolean stopped = status.state() == PluginState.STOPPED;
        if (!stopped) {
            run = startInstead(next);
        }
        unit = next;
        become(stopped ? PluginState.STOPPED : PluginState.ACTIVE, null, null);
        old.uninstall();
    }

    private PluginRun startInstead(PluginUnit next) {
        try {
            return host.run(next);
        } catch (RefusedException failed) {
            next.uninstall();
            throw failed;
        }
    }

    /** New connections go to the new version as soon as it listens; then the old one drains. */
    private void replaceOverlapping(PluginUnit next) {
        PluginRun fresh = startBeside(next);
        PluginUnit old = unit;
        String note = end(old);
        unit = next;
        run = fresh;
        become(PluginState.ACTIVE, null, note);
        old.uninstall();
    }

    /** Both must not run at once: connections wait in the sockets meanwhile. */
    private void replaceOneByOne(PluginUnit next) {
        PluginUnit old = unit;
        try (Registration held = host.hold(old.descriptor().id())) {
            LOG.debug("Holding the listeners of {}: {}", old.descriptor().title(), held);
            String note = end(old);
            try {
                run = startBeside(next);
            } catch (RefusedException failed) {
                run = tryStart(old);
                become(PluginState.ACTIVE, null, note);
                throw failed;
            }
            unit = next;
            become(PluginState.ACTIVE, null, note);
        }
        old.uninstall();
    }

    private PluginRun startBeside(PluginUnit next) {
        try {
            return startInstead(next);
        } catch (RefusedException failed) {
            throw new RefusedException(
                    failed.refusal().reason(),
                    failed.refusal().message()
                            + "; "
                            + unit.descriptor().version()
                            + " goes on serving");
        }
    }

    private PluginRun tryStart(PluginUnit starting) {
        try {
            return host.run(starting);
        } catch (RefusedException failed) {
            LOG.error("{}", failed.refusal().message());
            become(PluginState.FAILED, failed.refusal().message(), null);
            throw failed;
        }
    }

    /** Ends the present run and proves that its classes go. */
    private @Nullable String end(PluginUnit ending) {
        PluginRun stopping = run;
        run = null;
        if (stopping == null) {
            return null;
        }
        Ended ended = stopping.stop(host.drainNanos());
        List<String> faults = new ArrayList<>(ended.faults());
        stopping = null;
        if (ended.suspect() != null) {
            String leak = host.leaks().check(ended.suspect());
            if (leak != null) {
                leaked = ended.suspect();
                faults.add(leak);
            }
        }
        LOG.info("{} is stopped", ending.descriptor().title());
        faults.forEach(fault -> LOG.warn("{}: {}", ending.descriptor().title(), fault));
        return faults.isEmpty() ? null : String.join("; ", faults);
    }

    private void refuseInUse(List<String> users, String what, String remedy) {
        if (!users.isEmpty()) {
            int more = users.size() - 10;
            throw new RefusedException(
                    Reason.IN_USE,
                    unit.descriptor().title()
                            + " is not "
                            + what
                            + ": it is needed by "
                            + String.join(", ", users.subList(0, Math.min(10, users.size())))
                            + (more > 0 ? " and " + more + " more" : "")
                            + "; remove or move these first"
                            + remedy);
        }
    }

    private void become(PluginState state, @Nullable String reason, @Nullable String note) {
        status = status(unit, state, reason, note);
    }

    private static PluginStatus status(
            PluginUnit unit, PluginState state, @Nullable String reason, @Nullable String note) {
        PluginDescriptor descriptor = unit.descriptor();
        return new PluginStatus(
                descriptor.id(),
                descriptor.kind(),
                descriptor.version(),
                state,
                descriptor.licence(),
                unit.file(),
                unit.origin().shipped(),
                unit.origin().signer(),
                reason,
                note);
    }

    private void locked(Runnable operation) {
        lock.lock();
        try {
            operation.run();
        } finally {
            lock.unlock();
        }
    }
}
