// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.broker.Session.End;
import io.mortise.spi.broker.Sessions.Will;
import io.mortise.spi.storage.KeyValueSpace;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** Sessions that nobody uses, in an index and not in memory. */
class SleepingSessionsTest {
    private final ForgetfulSpace space = new ForgetfulSpace();
    private final World world = new World(1, (clock, scheduler, seed) -> storage(scheduler));

    private SessionStorage storage(io.mortise.spi.testing.FakeScheduler scheduler) {
        return new Over(new MemoryTopics(scheduler), space);
    }

    private int inMemory() {
        int[] count = {0};
        StateLog<StoredSession> log = world.registry.log();
        log.shards().forEach(shard -> log.each(shard, (key, stored) -> count[0]++));
        return count[0];
    }

    private void sleepers(int count, long expirySeconds) {
        for (int i = 0; i < count; i++) {
            Client client = world.connected("c" + i, false, expirySeconds, 10);
            client.subscribe("t/#", 1);
            world.run(20);
            client.close(End.NORMAL);
        }
        world.run(5_000);
    }

    @Test
    void theyAreNotInMemoryAndComeBackWhole() {
        sleepers(40, 100_000);
        assertThat(inMemory()).isZero();
        world.connected("p").publish("t/a", "x", 1);
        world.run(100);
        for (int i = 0; i < 40; i++) {
            Client client = world.connected("c" + i, false, 100_000, 10);
            world.run(50);
            assertThat(client.session().present()).isTrue();
            assertThat(client.payloads()).containsExactly("x");
        }
        assertThat(inMemory()).isEqualTo(40);
    }

    @Test
    void aStartReplaysFromTheCheckpointOn() {
        sleepers(40, 100_000);
        world.crash();
        assertThat(inMemory()).isZero();
        assertThat(world.connected("c7", false, 100, 10).session().present()).isTrue();
    }

    @Test
    void anIndexThatIsGoneIsMadeAnew() {
        sleepers(40, 100_000);
        space.crash(new Random(2), 0);
        space.write(new io.mortise.spi.storage.KeyValueBatch().deleteRange(new byte[0], null));
        world.crash();
        world.run(5_000);
        assertThat(inMemory()).isZero();
        assertThat(space.size()).isPositive();
        assertThat(world.connected("c7", false, 100, 10).session().present()).isTrue();
    }

    @Test
    void theyExpireAsleep() {
        sleepers(10, 300);
        assertThat(inMemory()).isZero();
        world.run(320_000);
        int rows = space.size();
        assertThat(rows).isLessThanOrEqualTo(StateLog.SHARDS); // checkpoints alone
        assertThat(world.connected("c7", false, 100, 10).session().present()).isFalse();
    }

    @Test
    void theirWillsArePublished() {
        Client late = world.connected("late");
        late.subscribe("w", 1);
        Will will = new Will(World.message("w", "gone", 1), 200);
        Client client = world.connect("c", false, 100_000, 10, will);
        world.run(50);
        client.session().start();
        client.close(End.ABNORMAL);
        world.run(10_000);
        assertThat(inMemory()).isZero();
        assertThat(late.payloads()).isEmpty();
        world.run(260_000);
        assertThat(late.payloads()).containsExactly("gone");
    }

    @Test
    void aSessionThatIsConnectedWhenTheBrokerDiesIsFound() {
        Client client = world.connected("c", false, 300, 10);
        client.subscribe("t/#", 1);
        world.run(5_000);
        world.crash();
        assertThat(inMemory()).isEqualTo(1);
        world.run(400_000);
        assertThat(world.connected("c", false, 300, 10).session().present()).isFalse();
    }

    /** Topics in memory, with an index. */
    private record Over(MemoryTopics memory, ForgetfulSpace space) implements SessionStorage {
        @Override
        public io.mortise.spi.broker.Topics topics() {
            return memory;
        }

        @Override
        public KeyValueSpace index() {
            return space;
        }

        @Override
        public void addTopic(String name, int partitions) {
            memory.addTopic(name, partitions);
        }

        @Override
        public void disturb(Random random) {
            memory.disturb(random);
        }

        @Override
        public void heal() {
            memory.heal();
        }

        @Override
        public void crash() {
            memory.crash();
        }
    }
}
