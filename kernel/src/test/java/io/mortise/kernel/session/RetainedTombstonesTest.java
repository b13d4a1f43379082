// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.Origin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Kafka's tombstones and retained messages. */
class RetainedTombstonesTest {
    private final World world = new World(1);
    private final MemoryTopics.MemoryTopic topic = world.topics.add("t", 1);

    private void retain(String address, String payload) {
        Client client = world.connected("publisher");
        client.publish(World.message(address, payload, 1, true, -1));
        world.run(50);
    }

    private void kafka(String key, String value) {
        ByteBuf batch = Unpooled.buffer();
        BatchBuilder builder = new BatchBuilder();
        builder.begin(batch, 0);
        ByteBuf bytes = value == null ? null : Unpooled.copiedBuffer(value, UTF_8);
        byte[] name = key.getBytes(UTF_8);
        builder.append(1, name, 0, name.length, bytes, Unpooled.EMPTY_BUFFER, 0);
        builder.finish();
        topic.partitions()
                .getFirst()
                .append(batch, -1, Origin.CLIENT, AckLevel.SEQUENCED, Runnable::run, null);
        world.run(3_000);
    }

    private List<String> retained(String filter) {
        Client late = world.connected("late");
        late.subscribe(filter, 1);
        world.run(100);
        return late.payloads();
    }

    @Test
    void oneOnACompactedTopicClears() {
        topic.cleanup = "compact";
        retain("t/a", "one");
        retain("t/b", "two");
        kafka("a", null);
        assertThat(retained("t/+")).containsExactly("two");
        retain("t/a", "three");
        world.run(3_000);
        assertThat(retained("t/a")).containsExactly("three");
        world.crash();
        world.run(3_000);
        assertThat(retained("t/a")).containsExactly("three");
    }

    @Test
    void oneThatIsFoundAfterARestartClears() {
        topic.cleanup = "compact";
        retain("t/a", "one");
        kafka("x", null);
        topic.cleanup = "delete"; // nobody looks
        kafka("a", null);
        topic.cleanup = "compact";
        world.crash();
        world.run(3_000);
        assertThat(retained("t/a")).isEmpty();
    }

    @Test
    void elsewhereItIsARecordLikeOthers() {
        retain("t/a", "one");
        kafka("a", null);
        assertThat(retained("t/a")).containsExactly("one");
        topic.cleanup = "compact";
        retain("t/b", "two");
        kafka("b", "a value");
        assertThat(retained("t/b")).containsExactly("two");
    }
}
