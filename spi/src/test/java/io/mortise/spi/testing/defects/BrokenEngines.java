// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Ways to be an engine wrongly. */
final class BrokenEngines {
    private BrokenEngines() {}

    static StorageEngine withLogs(StorageEngine engine, UnaryOperator<LogStorage> broken) {
        return new ForwardingEngine(engine) {
            @Override
            LogStorage around(LogStorage log) {
                return broken.apply(log);
            }
        };
    }

    static StorageEngine ignoringLevels(StorageEngine engine) {
        return new ForwardingEngine(engine) {
            @Override
            public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
                    throws IOException {
                return BrokenLogs.ignoringLevels(super.openLog(id, leaderEpoch, config), config);
            }
        };
    }

    /** A deleted log is only hidden. */
    static StorageEngine deletingInMemory(StorageEngine engine) {
        return new ForwardingEngine(engine) {
            private final Set<LogId> hidden = new HashSet<>();

            @Override
            public List<LogId> logs() throws IOException {
                return super.logs().stream().filter(id -> !hidden.contains(id)).toList();
            }

            @Override
            public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
                    throws IOException {
                if (hidden.remove(id)) {
                    super.deleteLog(id);
                }
                return super.openLog(id, leaderEpoch, config);
            }

            @Override
            public void deleteLog(LogId id) {
                hidden.add(id);
            }
        };
    }

    /** A log that comes back is the one that was there. */
    static StorageEngine ignoringGenerations(StorageEngine engine) {
        return new ForwardingEngine(engine) {
            @Override
            public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
                    throws IOException {
                return super.openLog(id.inGeneration(0), leaderEpoch, config);
            }

            @Override
            public void deleteLog(LogId id) throws IOException {
                super.deleteLog(id.inGeneration(0));
            }
        };
    }

    /** Whoever failed once fails for ever. */
    static StorageEngine neverRecovering(StorageEngine engine) {
        boolean[] failed = {false};
        return withLogs(
                engine,
                log ->
                        new ForwardingLog(log) {
                            @Override
                            public void append(int epoch, long base, long end, ByteBuffer batches)
                                    throws IOException {
                                if (failed[0]) {
                                    throw new IOException("failed before");
                                }
                                try {
                                    super.append(epoch, base, end, batches);
                                } catch (IOException failure) {
                                    failed[0] = true;
                                    throw failure;
                                }
                            }
                        });
    }

    static StorageEngine declaringLessThanItTakes(StorageEngine engine) {
        return new ForwardingEngine(engine) {
            @Override
            public Set<Durability> durabilities() {
                return Set.of(Durability.DISK);
            }
        };
    }

    /** One lock for everything, held while the disk is waited for. */
    static StorageEngine lockingTogether(StorageEngine engine) {
        var lock = new Object();
        return withLogs(
                engine,
                log ->
                        new ForwardingLog(log) {
                            @Override
                            public LogSlice read(long offset, long limit, int maxBytes)
                                    throws IOException {
                                synchronized (lock) {
                                    return super.read(offset, limit, maxBytes);
                                }
                            }
                        });
    }

    /** Where an index is gone, so is the log. */
    static StorageEngine emptyWithoutIndex(StorageEngine engine, FileLayer files)
            throws IOException {
        List<String> names = files.list("");
        boolean lost =
                names.stream()
                        .filter(name -> name.endsWith(".data"))
                        .anyMatch(name -> !names.contains(name.replace(".data", ".index")));
        return new ForwardingEngine(engine) {
            @Override
            public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
                    throws IOException {
                LogStorage log = super.openLog(id, leaderEpoch, config);
                if (lost) {
                    log.truncate(log.startOffset());
                }
                return log;
            }
        };
    }

    /** Retention of its own, by the wall clock. */
    static StorageEngine droppingByTheClock(StorageEngine engine, Clock clock) {
        long opened = clock.wallMillis();
        return withLogs(
                engine,
                log ->
                        new ForwardingLog(log) {
                            @Override
                            public void append(int epoch, long base, long end, ByteBuffer batches)
                                    throws IOException {
                                if (clock.wallMillis() > opened + 86_400_000L) {
                                    super.advanceStart(base);
                                }
                                super.append(epoch, base, end, batches);
                            }
                        });
    }

    /** The newest batch is not seen before the round ends. */
    static StorageEngine losingTheLastBatchOfALog(StorageEngine engine) {
        return new ForwardingEngine(engine) {
            @Override
            public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
                    throws IOException {
                boolean known = logs().contains(id);
                LogStorage log = super.openLog(id, leaderEpoch, config);
                if (known && log.endOffset() > log.startOffset()) {
                    log.truncate(log.endOffset() - 1);
                }
                return log;
            }
        };
    }
}
