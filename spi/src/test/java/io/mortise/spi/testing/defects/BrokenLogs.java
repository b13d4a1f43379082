// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Ways to keep a log wrongly. */
final class BrokenLogs {
    private BrokenLogs() {}

    static LogStorage truncatingTooMuch(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public void truncate(long offset) throws IOException {
                super.truncate(Math.max(startOffset(), offset - 1));
            }
        };
    }

    static LogStorage truncatingTooLittle(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public void truncate(long offset) throws IOException {
                super.truncate(offset + 1);
            }
        };
    }

    static LogStorage servingCorruption(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                try {
                    return super.read(offset, limit, maxBytes);
                } catch (CorruptLogException unheard) {
                    var garbage = new LogSlice.Memory(ByteBuffer.allocate(100));
                    return new Slice(offset, offset + 1, List.of(garbage));
                }
            }
        };
    }

    static LogStorage reordering(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                LogSlice slice = super.read(offset, limit, maxBytes);
                return new Slice(slice.baseOffset(), slice.nextOffset(), slice.parts().reversed());
            }
        };
    }

    static LogStorage ignoringTheLimit(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                return super.read(offset, Long.MAX_VALUE, maxBytes);
            }
        };
    }

    static LogStorage emptyOutOfRange(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                try {
                    return super.read(offset, limit, maxBytes);
                } catch (OffsetOutOfRangeException unheard) {
                    return new Slice(offset, offset, List.of());
                }
            }
        };
    }

    static LogStorage leakingSlices(LogStorage log, FileLayer files) {
        return new ForwardingLog(log) {
            private final List<Object> pinned = new ArrayList<>();

            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                pinned.add(files.open("lock", OpenMode.READ));
                return super.read(offset, limit, maxBytes);
            }
        };
    }

    /** Slices that pin nothing: they look for their bytes when they are asked for them. */
    static LogStorage readingLate(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
                LogSlice then = super.read(offset, limit, maxBytes);
                LogStorage from = this.log;
                return new LogSlice() {
                    @Override
                    public long baseOffset() {
                        return then.baseOffset();
                    }

                    @Override
                    public long nextOffset() {
                        return then.nextOffset();
                    }

                    @Override
                    public int sizeInBytes() {
                        return parts().stream().mapToInt(Part::length).sum();
                    }

                    @Override
                    public List<Part> parts() {
                        try (LogSlice now = from.read(offset, limit, maxBytes)) {
                            return now.parts();
                        } catch (IOException gone) {
                            return List.of();
                        }
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }

    static LogStorage forgettingStart(LogStorage log) {
        return new ForwardingLog(log) {
            private long start;

            @Override
            public void advanceStart(long offset) {
                start = Math.max(start, Math.min(offset, endOffset()));
            }

            @Override
            public long startOffset() {
                return Math.max(start, super.startOffset());
            }
        };
    }

    static LogStorage replacingInTwoSteps(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
                super.replace(from, to, List.of());
                super.replace(from, to, batches);
            }
        };
    }

    static LogStorage ignoringLevels(LogStorage log, LogConfig opened) {
        return new ForwardingLog(log) {
            @Override
            public void configure(LogConfig config) throws IOException {
                super.configure(
                        new LogConfig(
                                opened.durability(), config.extentBytes(), config.startOffset()));
            }
        };
    }

    static LogStorage acceptingGaps(LogStorage log) {
        return new ForwardingLog(log) {
            @Override
            public void append(int leaderEpoch, long base, long end, ByteBuffer batches)
                    throws IOException {
                if (base == endOffset()) {
                    super.append(leaderEpoch, base, end, batches);
                }
            }
        };
    }
}
