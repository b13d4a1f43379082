// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.kernel.partition.LogModelSuite;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The model is worth something: an engine that skips {@code force} does not pass it. */
final class ForgetfulEngineTest {
    @Test
    void isFoundOut() {
        var suite = new Forgetful();
        assertThatThrownBy(
                        () -> {
                            for (long seed = 0; seed < 5; seed++) {
                                suite.behavesAsItsModel(seed);
                            }
                        })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("promises");
    }

    private static final class Forgetful extends LogModelSuite {
        @Override
        protected EngineUnderTest engine(long seed) {
            return new WithoutForce(new SegmentUnderTest(seed));
        }
    }

    private record WithoutForce(SegmentUnderTest segment)
            implements EngineUnderTest, StorageEngineProvider {
        @Override
        public StorageEngineProvider provider() {
            return this;
        }

        @Override
        public String name() {
            return "forgetful";
        }

        @Override
        public StorageEngine open(StorageContext context) throws IOException {
            return new ForgetfulEngine(segment.provider().open(context));
        }

        @Override
        public StorageContext context(FakeClock clock, FakeScheduler scheduler) {
            return segment.context(clock, scheduler);
        }

        @Override
        public List<Durability> levels() {
            return segment.levels();
        }

        @Override
        public void powerFails() {
            segment.powerFails();
        }

        @Override
        public void failSoon(Random random) {
            segment.failSoon(random);
        }

        @Override
        public void heal() {
            segment.heal();
        }
    }

    private record ForgetfulEngine(StorageEngine engine) implements StorageEngine {
        @Override
        public Set<Durability> durabilities() {
            return engine.durabilities();
        }

        @Override
        public List<LogId> logs() throws IOException {
            return engine.logs();
        }

        @Override
        public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException {
            return engine.openLog(id, leaderEpoch, config);
        }

        @Override
        public void deleteLog(LogId id) throws IOException {
            engine.deleteLog(id);
        }

        @Override
        public void flush() throws IOException {
            engine.flush();
        }

        @Override
        public void force() {
            // That is the fault.
        }

        @Override
        public void close() throws IOException {
            engine.close();
        }
    }
}
