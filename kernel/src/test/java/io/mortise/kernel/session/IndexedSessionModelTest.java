// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.broker.Topics;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** Sessions that nobody uses sleep in ordered keys, which a crash takes the last writes of. */
class IndexedSessionModelTest extends SessionModelSuite {
    @Test
    void failuresOfSinglePartitionsWithSeed20002() {
        run(20_002, true, true);
    }

    @Override
    protected SessionStorage open(FakeClock clock, FakeScheduler scheduler, long seed) {
        return new Indexed(new MemoryTopics(scheduler), new Random(seed));
    }

    private record Indexed(MemoryTopics memory, ForgetfulSpace space, Random random)
            implements SessionStorage {
        Indexed(MemoryTopics memory, Random random) {
            this(memory, new ForgetfulSpace(), random);
        }

        @Override
        public Topics topics() {
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
        public void failSoon(Random random) {
            memory.failSoon(random);
        }

        @Override
        public void heal() {
            memory.heal();
        }

        @Override
        public void crash() {
            memory.crash();
            space.crash(random, random.nextInt(3) * 20);
        }
    }
}
