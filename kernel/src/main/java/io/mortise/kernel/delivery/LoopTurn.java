// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.netty.buffer.ByteBufAllocator;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * What one turn of an event loop leaves to be done at its end: the batches that its publishes were
 * joined in. Used on that loop only.
 */
public final class LoopTurn implements Runnable {
    private final Executor loop;
    private final ByteBufAllocator buffers;
    private final List<Runnable> dirty = new ArrayList<>();
    private final IdentityHashMap<Object, Object> attachments = new IdentityHashMap<>();
    private final List<PartitionWriter> blocked = new ArrayList<>(0);
    private boolean scheduled;

    /**
     * @param buffers where batches are built
     * @param loop single-threaded; runs tasks after what is under way
     */
    public LoopTurn(Executor loop, ByteBufAllocator buffers) {
        this.loop = loop;
        this.buffers = buffers;
    }

    /** Where it runs. */
    public Executor loop() {
        return loop;
    }

    /**
     * Runs {@code task} on the loop, from any thread.
     *
     * @return false if the loop has ended, and with it everything that the task was for
     */
    public boolean execute(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    ByteBufAllocator buffers() {
        return buffers;
    }

    /** What {@code owner} keeps on this loop, made when first asked for. */
    @SuppressWarnings("unchecked") // an owner always asks for the same type
    public <T> T attachment(Object owner, Supplier<T> make) {
        return (T) attachments.computeIfAbsent(owner, o -> make.get());
    }

    /** Runs {@code task} once at the end of this turn. */
    public void atEnd(Runnable task) {
        dirty.add(task);
        if (!scheduled) {
            scheduled = true;
            loop.execute(this);
        }
    }

    void blocked(PartitionWriter writer) {
        blocked.add(writer);
    }

    void open(PartitionWriter writer) {
        blocked.remove(writer);
    }

    /**
     * Ends the turn, and runs {@code task} when everything that {@code who} published so far has
     * its place or was refused: at once, unless a full partition holds it up.
     */
    public void settle(Publishing who, Runnable task) {
        run();
        List<PartitionWriter> holding = new ArrayList<>(0);
        for (PartitionWriter writer : blocked) {
            if (writer.holds(who)) {
                holding.add(writer);
            }
        }
        if (holding.isEmpty()) {
            task.run();
            return;
        }
        int[] missing = {holding.size()};
        for (PartitionWriter writer : holding) {
            writer.whenOpen(
                    () -> {
                        missing[0]--;
                        if (missing[0] == 0) {
                            task.run();
                        }
                    });
        }
    }

    /** Ends the turn now: what was appended so far has its place, or waits for a full partition. */
    @Override
    public void run() {
        scheduled = false;
        for (int i = 0; i < dirty.size(); i++) { // a writer may make another one dirty
            dirty.get(i).run();
        }
        dirty.clear();
    }
}
