// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Every error says which log, which file, where, and what to do. */
class SegmentMessagesTest {
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(82, 1)), 1, 1);
    private static final String EXTENT = "extents/1-0.extent";
    private static final String COMMIT = "commit/0000000001.commit";
    private static final String WHAT_TO_DO =
            "(?s).*(restore|check the disk|free space|opened anew|start the release|raise).*";

    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness = EngineBench.shipped(files, "reserveBytes", "5000000");
    private StorageEngine engine;
    private LogStorage log;

    private void open() throws IOException {
        engine = harness.open();
        log = engine.openLog(ID, 1, LogConfig.of(Durability.DISK));
    }

    private void append(int bytes) throws IOException {
        TestBatches.append(log, 1, 1, bytes, 1);
        engine.flush();
        engine.force();
    }

    /** Two batches in the own file, one in the commit log. */
    private void fill() throws IOException {
        open();
        append(70_000);
        append(70_000);
        append(500);
    }

    private static String messageOf(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(IOException.class);
        return thrown.getMessage();
    }

    private static void assertSays(String message, String... parts) {
        assertThat(message).contains(parts).matches(WHAT_TO_DO);
    }

    private void assertReported(String file, String... parts) throws IOException {
        List<StorageProblem> problems = ((CheckableStorage) engine).check();
        assertThat(problems).isNotEmpty();
        for (StorageProblem problem : problems) {
            assertThat(problem.file()).isEqualTo(file);
            assertThat(problem.problem()).contains(file).contains(parts);
            assertThat(problem.remedy()).matches(WHAT_TO_DO);
        }
    }

    @Test
    void aDamagedBatchInAnOwnFile() throws IOException {
        fill();
        files.flipBit(EXTENT, 4096 + 500, 1);
        String message = messageOf(() -> log.read(0, 1, 1));
        assertSays(message, ID.toString(), "'" + EXTENT + "' at 4096", "offset 0", "0 to 0");
        assertReported(EXTENT, ID.toString(), "at 4096", "offset 0");
    }

    @Test
    void aDamagedBatchInTheCommitLog() throws IOException {
        fill();
        long position = files.bytes(COMMIT).length;
        byte[] all = files.bytes(COMMIT);
        while (all[(int) --position] == 0) {
            // zeros behind the last frame
        }
        files.flipBit(COMMIT, position - 10, 1);
        String message = messageOf(() -> log.read(2, 3, 1));
        assertSays(message, ID.toString(), "'" + COMMIT + "' at ", "offset 2", "2 to 2");
        assertReported(COMMIT, ID.toString(), "' at ", "offset 2");
    }

    @Test
    void aDamagedIndexOfASealedFile() throws IOException {
        fill();
        append(70_000);
        log.truncate(3);
        harness.kill();
        files.flipBit(EXTENT, files.bytes(EXTENT).length - 60, 1);
        open();
        String message = messageOf(() -> log.read(1, 2, 1));
        assertSays(message, ID.toString(), EXTENT, "the index", "offsets 0 to 2");
        assertReported(EXTENT, ID.toString(), "the index", "offsets 0 to 2");
    }

    @Test
    void aLogThatFailed() throws IOException {
        fill();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE) {
                        throw new IOException("cannot force '" + path + "'");
                    }
                });
        String failure = messageOf(() -> append(100));
        assertThat(failure).contains("cannot force '" + COMMIT + "'");
        String message = messageOf(() -> append(100));
        assertSays(message, ID.toString(), EXTENT, "at offset 4", COMMIT);
        assertSays(messageOf(() -> log.read(0, 1, 1)), ID.toString(), EXTENT, "at offset 4");
    }

    @Test
    void aDiskWithoutRoom() throws IOException {
        fill();
        files.capacityBytes(files.usedBytes() + 9_000_000);
        String message =
                messageOf(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                append(100_000);
                            }
                        });
        assertSays(
                message, ID.toString(), EXTENT, "commit", "at offset ", "reserveBytes is 5000000");
    }

    @Test
    void aFileOfANewerVersion() throws IOException {
        fill();
        engine.close();
        harness.kill();
        for (String path : List.of("meta", "checkpoint", COMMIT, EXTENT)) {
            byte[] header = files.bytes(path);
            overwrite(path, versioned(header, 99));
            String message = messageOf(this::open);
            assertSays(message, "'" + path + "'", "version 99", "newer release");
            if (path.equals(EXTENT)) {
                assertThat(message).contains(ID.toString());
            }
            harness.kill();
            overwrite(path, header);
        }
    }

    @Test
    void aHeaderThatIsDamaged() throws IOException {
        fill();
        engine.close();
        harness.kill();
        files.flipBit(EXTENT, 9, 1);
        String message = messageOf(this::open);
        assertSays(message, ID.toString(), "'" + EXTENT + "'", "at position 0");
        assertReported(EXTENT, ID.toString());
        harness.kill();
        files.flipBit(EXTENT, 9, 1);
        files.flipBit(COMMIT, 9, 1);
        assertSays(messageOf(this::open), "'" + COMMIT + "'", "at position 0");
    }

    @Test
    void aCheckpointThatIsDamagedTwice() throws IOException {
        fill();
        engine.close();
        harness.kill();
        files.flipBit("checkpoint", 70, 1);
        files.flipBit("checkpoint.copy", 9, 1);
        assertSays(
                messageOf(this::open),
                "'checkpoint' fails its CRC from position 64",
                "'checkpoint.copy'",
                "at position 0");
    }

    private void overwrite(String path, byte[] header) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(header, 0, 64), 0);
            file.force();
        }
    }

    private static byte[] versioned(byte[] file, int version) {
        ByteBuffer changed = ByteBuffer.wrap(file.clone()).putInt(4, version);
        var crc = new CRC32C();
        crc.update(changed.array(), 0, 60);
        return changed.putInt(60, (int) crc.getValue()).array();
    }
}
