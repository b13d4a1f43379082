// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.RetainedSink;
import io.mortise.kernel.delivery.SingleMessage;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Session.PublishCallback;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The retained messages: copies in an internal log of their own, and in memory a trie per tenant.
 * Of two messages of one address the one further down its topic's log wins, whichever loop is
 * quicker. Any thread.
 */
final class RetainedStore implements RetainedSink, RetainedMessages {
    private static final long TOMBSTONE_MILLIS = 60_000;

    private final StateLog<Retained> log;
    private final Map<String, RetainedTrie> tries = new HashMap<>();

    /** How many are of each partition. */
    private final Map<PartitionKey, Integer> places = new ConcurrentHashMap<>();

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /**
     * One address's.
     *
     * @param epoch that the offset was given under: a log that failed gives some again
     * @param single null where it was cleared, which is remembered for a while because an older
     *     message may still be on its way here
     */
    private record Retained(
            PartitionKey partition,
            int epoch,
            long offset,
            long atMillis,
            @Nullable ByteBuf single) {
        boolean olderThan(Retained other) {
            boolean before = epoch < other.epoch || epoch == other.epoch && offset < other.offset;
            return partition.equals(other.partition) && before;
        }
    }

    RetainedStore(DeliveryServices services, SessionCounters counters) {
        this.log = new StateLog<>("__mortise_retained", new Codec(), services, counters);
    }

    StateLog<?> log() {
        return log;
    }

    @Override
    public void retain(
            LoopTurn turn,
            Message message,
            Partition partition,
            int epoch,
            long offset,
            long timestampMillis,
            @Nullable PublishCallback callback) {
        boolean clear = !message.payload().isReadable();
        Retained retained =
                new Retained(
                        PartitionKey.of(partition),
                        epoch,
                        offset,
                        timestampMillis,
                        clear ? null : SingleMessage.encode(message, timestampMillis));
        ByteBuf event = Unpooled.buffer();
        write(retained, event);
        String key = StateLog.key(partition.topic().tenant(), message.address().toString());
        writer(turn).append(key, event, callback);
    }

    /** The partitions that retained messages are from. */
    Set<PartitionKey> partitions() {
        return Set.copyOf(places.keySet());
    }

    /** Puts, of each partition, the offset of its oldest retained message. */
    void oldest(Map<PartitionKey, Long> offsets) {
        for (StateLog.Shard<Retained> shard : log.shards()) {
            log.each(
                    shard,
                    (key, each) -> {
                        if (each.single != null) {
                            offsets.merge(each.partition, each.offset, Math::min);
                        }
                    });
        }
    }

    /** Forgets an address's message if it is of before the given place in the same partition. */
    void clear(LoopTurn turn, Partition in, String address, int epoch, long offset) {
        String key = StateLog.key(in.topic().tenant(), address);
        long now = log.services().clock().wallMillis();
        Retained cleared = new Retained(PartitionKey.of(in), epoch, offset, now, null);
        boolean older =
                log.with(
                        key,
                        found -> found != null && found.single != null && found.olderThan(cleared));
        if (older) {
            ByteBuf event = Unpooled.buffer();
            write(cleared, event);
            writer(turn).append(key, event, null);
        }
    }

    private void count(@Nullable Retained before, @Nullable Retained now) {
        if (before != null && before.single != null) {
            places.computeIfPresent(before.partition, (p, count) -> count == 1 ? null : count - 1);
        }
        if (now != null && now.single != null) {
            places.merge(now.partition, 1, Integer::sum);
        }
    }

    private StateWriter<Retained> writer(LoopTurn turn) {
        return turn.attachment(this, () -> new StateWriter<>(log, turn));
    }

    @Override
    public List<ByteBuf> matching(TenantId tenant, AddressFilter filter) {
        List<ByteBuf> found = new ArrayList<>();
        lock.readLock().lock();
        try {
            RetainedTrie trie = tries.get(tenant.name());
            if (trie != null) {
                trie.match(filter.segments(), found);
            }
        } finally {
            lock.readLock().unlock();
        }
        return found;
    }

    private void index(String key, @Nullable ByteBuf single) {
        int slash = key.indexOf('/');
        String tenant = key.substring(0, slash);
        String address = key.substring(slash + 1);
        lock.writeLock().lock();
        try {
            RetainedTrie trie = tries.computeIfAbsent(tenant, t -> new RetainedTrie());
            if (single == null) {
                trie.remove(address);
            } else {
                trie.put(address, single);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private static void write(Retained retained, ByteBuf out) {
        UUID uuid = retained.partition.topic().uuid();
        out.writeLong(uuid.getMostSignificantBits()).writeLong(uuid.getLeastSignificantBits());
        out.writeInt(retained.partition.index()).writeInt(retained.epoch);
        out.writeLong(retained.offset).writeLong(retained.atMillis);
        ByteBuf single = retained.single;
        out.writeBoolean(single != null);
        if (single != null) {
            out.writeBytes(single, single.readerIndex(), single.readableBytes());
        }
    }

    private static Retained read(ByteBuf event) {
        ByteBuf in = event.duplicate();
        UUID uuid = new UUID(in.readLong(), in.readLong());
        PartitionKey partition = new PartitionKey(new TopicId(uuid), in.readInt());
        int epoch = in.readInt();
        long offset = in.readLong();
        long atMillis = in.readLong();
        boolean there = in.readBoolean();
        return new Retained(
                partition,
                epoch,
                offset,
                atMillis,
                there ? Unpooled.wrappedBuffer(ByteBufUtil.getBytes(in)) : null);
    }

    private final class Codec implements StateCodec<Retained> {
        @Override
        public @Nullable Retained apply(
                String key, @Nullable Retained current, @Nullable ByteBuf event) {
            Retained next = event == null ? null : read(event);
            if (current != null && next != null && next.olderThan(current)) {
                return current;
            }
            index(key, next == null ? null : next.single);
            count(current, next);
            return next;
        }

        /** The log is to end with the message that counts, whichever loop was quicker. */
        @Override
        public ByteBuf instead(@Nullable Retained current, ByteBuf event) {
            if (current == null || !read(event).olderThan(current)) {
                return event;
            }
            ByteBuf again = Unpooled.buffer();
            write(current, again);
            return again;
        }

        @Override
        public boolean fades(Retained state) {
            return state.single == null;
        }

        @Override
        public boolean obsolete(Retained state, long nowMillis) {
            return state.single == null && nowMillis - state.atMillis > TOMBSTONE_MILLIS;
        }

        @Override
        public boolean whole(ByteBuf event) {
            return true;
        }

        @Override
        public String afterDamage() {
            return "Of these addresses an older retained message, or none, may be shown until the"
                    + " next one is published";
        }

        @Override
        public void encode(Retained state, ByteBuf out) {
            write(state, out);
        }
    }
}
