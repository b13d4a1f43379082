// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionWriter;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Session.PublishCallback;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * One loop's way into a {@link StateLog}: the events of a turn are joined per shard. State follows
 * when an event gets its place, at the end of the turn. Used on that loop.
 */
final class StateWriter<V> {
    private final StateLog<V> log;
    private final LoopTurn turn;
    private final @Nullable PartitionWriter[] writers =
            new @Nullable PartitionWriter[StateLog.SHARDS];

    StateWriter(StateLog<V> log, LoopTurn turn) {
        this.log = log;
        this.turn = turn;
    }

    LoopTurn turn() {
        return turn;
    }

    /** Runs {@code then} when every event of the key has its place, or was refused. */
    void settle(String key, Runnable then) {
        turn.run();
        PartitionWriter writer = writers[log.shard(key).index];
        if (writer != null && writer.blocked()) {
            writer.whenOpen(then);
        } else {
            then.run();
        }
    }

    /**
     * Appends an event.
     *
     * @param event borrowed; null deletes the key
     * @param callback told once durable, on the loop; null: nobody waits
     */
    void append(String key, @Nullable ByteBuf event, @Nullable PublishCallback callback) {
        StateLog.Shard<V> shard = log.shard(key);
        PartitionWriter writer = writers[shard.index];
        if (writer == null) {
            writer = log.writer(turn, shard);
            writers[shard.index] = writer;
        }
        byte[] keyBytes = key.getBytes(UTF_8);
        ByteBuf copy = event == null ? null : Unpooled.wrappedBuffer(ByteBufUtil.getBytes(event));
        writer.append(
                log.services().clock().wallMillis(),
                keyBytes,
                0,
                keyBytes.length,
                event,
                Unpooled.EMPTY_BUFFER,
                0,
                callback == null ? AckLevel.SEQUENCED : AckLevel.DURABLE,
                callback,
                (partition, offset) -> log.apply(shard, key, copy));
    }
}
