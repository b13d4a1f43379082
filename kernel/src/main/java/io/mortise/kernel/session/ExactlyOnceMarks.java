// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.ExactlyOnceGate;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * From where recovery must look for exactly-once publishes, per partition that has any: a mark is
 * durable before the first one gets its place, and moves up once the sessions' own notes of all
 * below are durable. Any thread.
 */
final class ExactlyOnceMarks implements ExactlyOnceGate {
    private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnceMarks.class);
    private static final int MOVE_AFTER = 4096;
    private static final long RETRY_NANOS = 50_000_000L;

    private final StateLog<Long> log;
    private final Map<PartitionKey, Mark> marks = new ConcurrentHashMap<>();

    ExactlyOnceMarks(DeliveryServices services, SessionCounters counters) {
        this.log = new StateLog<>("__mortise_exactly_once", new Codec(), services, counters);
    }

    /** A mark's state is the offset that recovery reads from; an event is its new value. */
    private static final class Codec implements StateCodec<Long> {
        @Override
        public @Nullable Long apply(String key, @Nullable Long current, @Nullable ByteBuf event) {
            return event == null ? null : (Long) event.getLong(event.readerIndex());
        }

        @Override
        public boolean whole(ByteBuf event) {
            return true;
        }

        @Override
        public String afterDamage() {
            return "QoS 2 publishes of partitions without a mark are not looked for: one whose"
                    + " client repeats it may be stored again";
        }

        @Override
        public void encode(Long state, ByteBuf out) {
            out.writeLong(state);
        }
    }

    StateLog<Long> log() {
        return log;
    }

    static String key(PartitionKey partition) {
        return partition.topic().uuid() + "/" + partition.index();
    }

    @Override
    public void before(LoopTurn turn, Topic topic, int partition, LongConsumer then) {
        PartitionKey key = new PartitionKey(topic.id(), partition);
        Mark mark = marks.computeIfAbsent(key, Mark::new);
        long generation = mark.enter(turn, topic.partition(partition), then);
        if (generation >= 0) {
            then.accept(generation);
        }
    }

    /** The session's note of one publish to this partition is durable, or given up. */
    void noted(LoopTurn turn, Topic topic, int partition, long generation) {
        Mark mark = marks.get(new PartitionKey(topic.id(), partition));
        if (mark != null) {
            mark.noted(turn, topic.partition(partition), generation);
        }
    }

    private void write(LoopTurn turn, PartitionKey key, long from, @Nullable Mark first) {
        ByteBuf event = Unpooled.buffer(Long.BYTES).writeLong(from);
        turn.attachment(this, () -> new StateWriter<>(log, turn))
                .append(
                        key(key),
                        event,
                        first == null ? null : refusal -> first.written(turn, from, refusal));
    }

    /** One partition's. */
    private final class Mark {
        private final PartitionKey key;
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<LoopTurn, ArrayDeque<Runnable>> waiting = new HashMap<>();
        private boolean durable;
        private boolean writing;

        // Publishes under way are counted in two generations: once the older one is done with,
        // the mark may move to the least offset that the younger one can have.
        private long generation;
        private int older;
        private int younger;
        private int begun;
        private long leastOfYounger = Long.MAX_VALUE;

        Mark(PartitionKey key) {
            this.key = key;
        }

        /** What lies beyond may be cut, and its offsets given again. */
        private static long least(Partition partition) {
            return partition.highWatermark();
        }

        /**
         * @return the generation if it may go on at once, otherwise -1
         */
        long enter(LoopTurn turn, @Nullable Partition partition, LongConsumer then) {
            long end = partition == null ? 0 : least(partition);
            lock.lock();
            try {
                younger++;
                begun++;
                leastOfYounger = Math.min(leastOfYounger, end);
                if (durable && !waiting.containsKey(turn)) {
                    return generation;
                }
                long counted = generation;
                waiting.computeIfAbsent(turn, t -> new ArrayDeque<>())
                        .add(() -> then.accept(counted));
                if (writing) {
                    return -1;
                }
                writing = true;
            } finally {
                lock.unlock();
            }
            write(turn, key, end, this);
            return -1;
        }

        /** Without a mark nothing goes on: it is written again until it is there. */
        void written(LoopTurn turn, long from, @Nullable Refusal refusal) {
            if (refusal != null) {
                LOG.warn("Exactly-once mark of {} is written again: {}", key, refusal);
                log.services()
                        .scheduler()
                        .schedule(
                                () -> turn.execute(() -> write(turn, key, from, this)),
                                RETRY_NANOS);
                return;
            }
            LoopTurn[] turns;
            lock.lock();
            try {
                writing = false;
                durable = true;
                turns = waiting.keySet().toArray(LoopTurn[]::new);
            } finally {
                lock.unlock();
            }
            for (LoopTurn each : turns) {
                each.loop().execute(() -> drain(each));
            }
        }

        private void drain(LoopTurn turn) {
            Runnable task = next(turn);
            while (task != null) {
                task.run();
                task = next(turn);
            }
        }

        private @Nullable Runnable next(LoopTurn turn) {
            lock.lock();
            try {
                ArrayDeque<Runnable> tasks = waiting.get(turn);
                Runnable task = tasks == null ? null : tasks.poll();
                if (task == null) {
                    waiting.remove(turn);
                }
                return task;
            } finally {
                lock.unlock();
            }
        }

        void noted(LoopTurn turn, @Nullable Partition partition, long counted) {
            long from;
            lock.lock();
            try {
                if (counted == generation) {
                    younger--;
                } else {
                    older--;
                }
                if (older > 0 || begun < MOVE_AFTER || partition == null || !durable) {
                    return;
                }
                from = younger == 0 ? least(partition) : leastOfYounger;
                older = younger;
                younger = 0;
                begun = 0;
                generation++;
                leastOfYounger = Long.MAX_VALUE;
            } finally {
                lock.unlock();
            }
            write(turn, key, from, null);
        }
    }
}
