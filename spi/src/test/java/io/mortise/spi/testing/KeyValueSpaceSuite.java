// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.storage.KeyValueSpaces;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** What every {@link KeyValueSpaces} does: extend it and say how one is made. */
public abstract class KeyValueSpaceSuite {
    private KeyValueSpaces spaces;
    private KeyValueSpace space;

    /** Spaces of an engine that has none. */
    protected abstract KeyValueSpaces openEmpty() throws IOException;

    /** Closes that engine and opens it over what it left; asked of persistent ones only. */
    protected abstract KeyValueSpaces reopen() throws IOException;

    /** As {@link #reopen}, after the death of the process instead of a close. */
    protected abstract KeyValueSpaces reopenKilled() throws IOException;

    /** Closes the engine. */
    protected abstract void closeEngine() throws IOException;

    @BeforeEach
    void open() throws IOException {
        spaces = openEmpty();
        space = spaces.openSpace("index");
    }

    @AfterEach
    void close() throws IOException {
        closeEngine();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void put(KeyValueSpace space, String... keysAndValues) throws IOException {
        var batch = new KeyValueBatch();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            batch.put(bytes(keysAndValues[i]), bytes(keysAndValues[i + 1]));
        }
        space.write(batch);
    }

    private static List<String> scan(KeyValueSpace space, String from, @Nullable String to)
            throws IOException {
        try (KeyValueSpace.Snapshot snapshot = space.snapshot()) {
            return scan(snapshot, from, to);
        }
    }

    private static List<String> scan(
            KeyValueSpace.Snapshot snapshot, String from, @Nullable String to) throws IOException {
        var found = new ArrayList<String>();
        try (var cursor = snapshot.scan(bytes(from), to == null ? null : bytes(to))) {
            while (cursor.next()) {
                found.add(text(cursor.key()) + "=" + text(cursor.value()));
            }
            assertThat(cursor.next()).isFalse();
        }
        return found;
    }

    @Test
    void getsWhatWasPut() throws IOException {
        assertThat(space.get(bytes("a"))).isNull();
        put(space, "a", "1", "b", "");
        assertThat(text(space.get(bytes("a")))).isEqualTo("1");
        assertThat(space.get(bytes("b"))).isEmpty();
        space.write(new KeyValueBatch().put(bytes("a"), bytes("2")).delete(bytes("b")));
        assertThat(text(space.get(bytes("a")))).isEqualTo("2");
        assertThat(space.get(bytes("b"))).isNull();
        space.write(new KeyValueBatch().delete(bytes("never")));
    }

    @Test
    void changesOfABatchHappenInTheirOrder() throws IOException {
        put(space, "a", "1", "b", "1", "c", "1");
        space.write(
                new KeyValueBatch()
                        .put(bytes("b"), bytes("2"))
                        .deleteRange(bytes("a"), bytes("c"))
                        .put(bytes("a"), bytes("3"))
                        .delete(bytes("c"))
                        .put(bytes("c"), bytes("3")));
        assertThat(scan(space, "", null)).containsExactly("a=3", "c=3");
    }

    @Test
    void scansInTheOrderOfUnsignedBytes() throws IOException {
        var batch = new KeyValueBatch();
        List<byte[]> keys =
                List.of(
                        new byte[] {0},
                        new byte[] {0, 0},
                        new byte[] {1},
                        new byte[] {127},
                        new byte[] {(byte) 128},
                        new byte[] {(byte) 255},
                        new byte[] {(byte) 255, (byte) 255});
        for (byte[] key : keys.reversed()) {
            batch.put(key, key);
        }
        space.write(batch);
        try (var snapshot = space.snapshot();
                var all = snapshot.scan(new byte[0], null);
                var some = snapshot.scan(new byte[] {1}, new byte[] {(byte) 255})) {
            for (byte[] key : keys) {
                assertThat(all.next()).isTrue();
                assertThat(all.key()).isEqualTo(key);
                assertThat(all.value()).isEqualTo(key);
            }
            assertThat(all.next()).isFalse();
            for (byte[] key : keys.subList(2, 5)) {
                assertThat(some.next()).isTrue();
                assertThat(some.key()).isEqualTo(key);
            }
            assertThat(some.next()).isFalse();
        }
    }

    @Test
    void rangesGoAsAWhole() throws IOException {
        put(space, "a", "1", "b", "2", "c", "3", "d", "4");
        space.write(new KeyValueBatch().deleteRange(bytes("b"), bytes("d")));
        assertThat(scan(space, "", null)).containsExactly("a=1", "d=4");
        space.write(new KeyValueBatch().deleteRange(bytes("a"), bytes("a")));
        assertThat(scan(space, "", null)).containsExactly("a=1", "d=4");
        space.write(new KeyValueBatch().deleteRange(bytes("b"), null));
        assertThat(scan(space, "", null)).containsExactly("a=1");
        space.write(new KeyValueBatch().deleteRange(new byte[0], null));
        assertThat(scan(space, "", null)).isEmpty();
    }

    @Test
    void aSnapshotStaysAsItWas() throws IOException {
        put(space, "a", "1", "b", "2");
        try (var snapshot = space.snapshot()) {
            var cursor = snapshot.scan(new byte[0], null);
            assertThat(cursor.next()).isTrue();
            put(space, "b", "9", "c", "9");
            space.write(new KeyValueBatch().delete(bytes("a")));
            assertThat(text(cursor.key())).isEqualTo("a");
            assertThat(cursor.next()).isTrue();
            assertThat(text(cursor.value())).isEqualTo("2");
            assertThat(cursor.next()).isFalse();
            assertThat(text(snapshot.get(bytes("a")))).isEqualTo("1");
            assertThat(snapshot.get(bytes("c"))).isNull();
            assertThat(scan(snapshot, "", null)).containsExactly("a=1", "b=2");
        }
        assertThat(scan(space, "", null)).containsExactly("b=9", "c=9");
    }

    @Test
    void nobodySeesHalfABatch() throws Exception {
        var done = new AtomicBoolean();
        put(space, "x", "0", "y", "0");
        Callable<Integer> reader =
                () -> {
                    int seen = 0;
                    while (!done.get()) {
                        List<String> both = scan(space, "", null);
                        assertThat(both).hasSize(2);
                        assertThat(both.getFirst().substring(2))
                                .isEqualTo(both.getLast().substring(2));
                        seen++;
                    }
                    return seen;
                };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> reading = threads.submit(reader);
            try {
                for (int i = 1; i < 3_000; i++) {
                    put(space, "x", "" + i, "y", "" + i);
                }
            } finally {
                done.set(true);
            }
            assertThat(reading.get()).isPositive();
        }
    }

    @Test
    void spacesDoNotMeet() throws IOException {
        KeyValueSpace longer = spaces.openSpace("index-2");
        put(space, "a", "1");
        put(longer, "a", "2", "b", "2");
        space.write(new KeyValueBatch().deleteRange(new byte[0], null));
        assertThat(scan(space, "", null)).isEmpty();
        assertThat(scan(longer, "", null)).containsExactly("a=2", "b=2");
        put(space, "z", "1");
        longer.close();
        spaces.deleteSpace("index-2");
        spaces.deleteSpace("index-2");
        assertThat(scan(space, "", null)).containsExactly("z=1");
        assertThat(scan(spaces.openSpace("index-2"), "", null)).isEmpty();
    }

    @Test
    void whatIsWrongIsRefused() throws IOException {
        assertThatThrownBy(() -> spaces.openSpace("index"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("index");
        assertThatThrownBy(() -> spaces.deleteSpace("index"))
                .isInstanceOf(IllegalStateException.class);
        for (String name : List.of("", "UPPER", "a/b", "n".repeat(201))) {
            assertThatThrownBy(() -> spaces.openSpace(name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new KeyValueBatch().put(new byte[0], bytes("a")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyValueBatch().deleteRange(bytes("b"), bytes("a")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsClosedIsRefused() throws IOException {
        put(space, "a", "1");
        KeyValueSpace.Snapshot snapshot = space.snapshot();
        KeyValueSpace.Cursor cursor = snapshot.scan(new byte[0], null);
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
        cursor.close();
        cursor.close();
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
        KeyValueSpace.Cursor second = snapshot.scan(new byte[0], null);
        space.close();
        space.close();
        assertThatThrownBy(second::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> snapshot.get(bytes("a")))
                .isInstanceOf(IllegalStateException.class);
        snapshot.close();
        assertThatThrownBy(() -> space.get(bytes("a"))).isInstanceOf(IllegalStateException.class);
        assertThat(scan(spaces.openSpace("index"), "", null)).containsExactly("a=1");
    }

    @Test
    void aPersistentSpaceOutlivesItsEngine() throws IOException {
        if (!spaces.persistent()) {
            return;
        }
        put(space, "a", "1");
        spaces = reopen();
        space = spaces.openSpace("index");
        assertThat(scan(space, "", null)).containsExactly("a=1");
    }

    /** Whatever is lost is a tail of whole batches. */
    @Test
    void aCrashLeavesAPrefixOfWholeBatches() throws IOException {
        if (!spaces.persistent()) {
            return;
        }
        for (int i = 0; i < 2_000; i++) {
            put(space, "at", "" + i, "key-" + i, "v", "other-" + i, "v");
        }
        spaces = reopenKilled();
        space = spaces.openSpace("index");
        byte[] at = space.get(bytes("at"));
        int whole = at == null ? 0 : Integer.parseInt(text(at)) + 1;
        assertThat(scan(space, "key-", "key.")).hasSize(whole);
        assertThat(scan(space, "other-", null)).hasSize(whole);
        if (whole > 0) {
            assertThat(space.get(bytes("key-" + (whole - 1)))).isNotNull();
        }
    }

    @Test
    void randomBatchesBesideASortedMap() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var model = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
            space.write(new KeyValueBatch().deleteRange(new byte[0], null));
            for (int step = 0; step < 40; step++) {
                space.write(batch(random, model));
                byte[] from = key(random);
                byte[] to = key(random);
                boolean ordered = Arrays.compareUnsigned(from, to) <= 0;
                try (var snapshot = space.snapshot();
                        var cursor = snapshot.scan(from, ordered ? to : null)) {
                    var expected = ordered ? model.subMap(from, to) : model.tailMap(from);
                    for (var entry : expected.entrySet()) {
                        assertThat(cursor.next()).as("seed %d", seed).isTrue();
                        assertThat(cursor.key()).isEqualTo(entry.getKey());
                        assertThat(cursor.value()).isEqualTo(entry.getValue());
                    }
                    assertThat(cursor.next()).as("seed %d", seed).isFalse();
                }
            }
        }
    }

    private static KeyValueBatch batch(Random random, TreeMap<byte[], byte[]> model) {
        var batch = new KeyValueBatch();
        for (int i = random.nextInt(12); i >= 0; i--) {
            byte[] key = key(random);
            byte[] other = key(random);
            switch (random.nextInt(8)) {
                case 0 -> {
                    batch.delete(key);
                    model.remove(key);
                }
                case 1 -> {
                    boolean ordered = Arrays.compareUnsigned(key, other) <= 0;
                    byte[] from = ordered ? key : other;
                    byte[] to = ordered ? other : key;
                    batch.deleteRange(from, to);
                    model.subMap(from, to).clear();
                }
                default -> {
                    batch.put(key, other);
                    model.put(key, other);
                }
            }
        }
        return batch;
    }

    private static byte[] key(Random random) {
        byte[] key = new byte[1 + random.nextInt(3)];
        random.nextBytes(key);
        return key;
    }
}
