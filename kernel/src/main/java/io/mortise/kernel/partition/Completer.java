// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.CompletionLane.CallbackBatch;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells callbacks on one executor, one task at a time, whatever number of partitions they come
 * from. Holds the executor only weakly while it has nothing to tell, so that a removed plugin's
 * loops can be collected.
 */
final class Completer implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Completer.class);
    private static final int LANES_PER_TURN = 256;

    private final WeakReference<Executor> executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<CompletionLane> ready = new ArrayDeque<>();
    private final CallbackBatch batch = new CallbackBatch();
    private @Nullable Executor running;
    private boolean scheduled;

    Completer(Executor executor) {
        this.executor = new WeakReference<>(executor);
    }

    boolean tellsOn(Executor other) {
        return executor.refersTo(other);
    }

    boolean forgotten() {
        return executor.refersTo(null);
    }

    /**
     * Notes that {@code lane} can tell something; {@link #fire} follows once no lock is held. Under
     * the lane's partition's lock.
     */
    void add(CompletionLane lane) {
        lock.lock();
        try {
            if (!lane.queued) {
                lane.queued = true;
                ready.add(lane);
                running = lane.executor();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sees that what was added is told. Under no lock. */
    void fire() {
        Executor target = claim();
        if (target == null) {
            return;
        }
        if (!Tell.on(target, this)) {
            abandon();
        }
    }

    private @Nullable Executor claim() {
        lock.lock();
        try {
            if (scheduled || ready.isEmpty()) {
                return null;
            }
            scheduled = running != null;
            return running;
        } finally {
            lock.unlock();
        }
    }

    private void abandon() {
        lock.lock();
        try {
            for (CompletionLane lane : ready) {
                lane.queued = false;
            }
            ready.clear();
            scheduled = false;
            running = null;
        } finally {
            lock.unlock();
        }
    }

    /** On the executor. */
    @Override
    public void run() {
        for (int i = 0; i < LANES_PER_TURN; i++) {
            CompletionLane lane = next();
            if (lane == null) {
                return;
            }
            tellSome(lane);
        }
        goOnLater();
    }

    private void tellSome(CompletionLane lane) {
        lane.among.drain(lane, batch);
        boolean more = batch.full();
        tell();
        batch.clear();
        if (more) {
            lane.among.touch(lane);
        }
    }

    /** Callbacks may append, and so on: others on the executor get their turn in between. */
    private void goOnLater() {
        Executor target = running();
        if (target == null || !Tell.on(target, this)) {
            abandon();
        }
    }

    private @Nullable Executor running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable CompletionLane next() {
        lock.lock();
        try {
            CompletionLane lane = ready.poll();
            if (lane != null) {
                lane.queued = false;
                return lane;
            }
            scheduled = false;
            running = null;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void tell() {
        for (int i = 0; i < batch.size(); i++) {
            try {
                batch.callback(i).completed(batch.refusal(i));
            } catch (RuntimeException e) {
                LOG.error("A callback of an append failed", e);
            }
        }
    }
}
