// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.spi.broker.Session.PublishCallback;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * One loop's way into a {@link StateLog}: the events of a turn are joined per shard. State follows
 * when an event gets its place, at the end of the turn. Used on that loop.
 */
final class StateWriter<V> {
    private final StateLog<V> log;
    private final LoopTurn turn;
    private final Map<Integer, ShardWriter<V>> writers = new HashMap<>();

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
        ShardWriter<V> writer = writers.get(log.shard(key).index);
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
        ShardWriter<V> writer = writers.get(shard.index);
        if (writer == null) {
            writer = new ShardWriter<>(log, shard, turn);
            writers.put(shard.index, writer);
        }
        writer.append(key, event == null ? null : ByteBufUtil.getBytes(event), callback);
    }
}
