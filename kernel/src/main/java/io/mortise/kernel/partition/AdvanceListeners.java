// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AdvanceListener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Who hears that a log moved; at most one task per listener waits at a time. Any thread. */
final class AdvanceListeners {
    private static final Logger LOG = LoggerFactory.getLogger(AdvanceListeners.class);
    private static final Entry[] NONE = {};

    private final Partition partition;
    private volatile Entry[] entries = NONE;

    AdvanceListeners(Partition partition) {
        this.partition = partition;
    }

    synchronized Registration add(Executor executor, AdvanceListener listener) {
        var entry = new Entry(executor, listener);
        Entry[] more = Arrays.copyOf(entries, entries.length + 1);
        more[entries.length] = entry;
        entries = more;
        return entry;
    }

    private synchronized void remove(Entry entry) {
        int at = Arrays.asList(entries).indexOf(entry);
        if (at >= 0) {
            Entry[] fewer = Arrays.copyOf(entries, entries.length - 1);
            System.arraycopy(entries, at + 1, fewer, at, fewer.length - at);
            entries = fewer;
        }
    }

    /** Something moved. Under no lock. */
    void signal() {
        for (Entry entry : entries) {
            entry.signal();
        }
    }

    private final class Entry implements Runnable, Registration {
        private final Executor executor;
        private final AdvanceListener listener;
        private final AtomicBoolean waiting = new AtomicBoolean();
        private volatile boolean closed;

        Entry(Executor executor, AdvanceListener listener) {
            this.executor = executor;
            this.listener = listener;
        }

        void signal() {
            if (waiting.get() || !waiting.compareAndSet(false, true)) {
                return;
            }
            if (!Tell.on(executor, this)) {
                close();
            }
        }

        @Override
        public void run() {
            waiting.set(false); // before looking, so that what moves from now on is told again
            if (closed) {
                return;
            }
            try {
                listener.advanced(partition);
            } catch (RuntimeException e) {
                LOG.error("A listener of {} failed", partition.logId(), e);
            }
        }

        @Override
        public void close() {
            closed = true;
            remove(this);
        }
    }
}
