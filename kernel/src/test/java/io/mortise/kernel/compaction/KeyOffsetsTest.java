// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

final class KeyOffsetsTest {
    private static ByteBuf key(int number) {
        return Unpooled.copiedBuffer("key-" + number, UTF_8);
    }

    private static long get(KeyOffsets keys, int number) {
        ByteBuf key = key(number);
        return keys.get(key, 0, key.readableBytes());
    }

    @Test
    void answersAsAMapDoesWhileItGrows() {
        var keys = new KeyOffsets(8 << 20);
        Map<Integer, Long> model = new HashMap<>();
        var random = new Random(1);
        for (long offset = 0; offset < 60_000; offset++) {
            int number = random.nextInt(20_000);
            ByteBuf key = key(number);
            keys.put(key, 0, key.readableBytes(), offset);
            model.put(number, offset);
        }
        assertThat(keys.size()).isEqualTo(model.size());
        model.forEach((number, offset) -> assertThat(get(keys, number)).isEqualTo(offset));
        assertThat(get(keys, 20_001)).isEqualTo(-1);
    }

    @Test
    void isFullAtItsBound() {
        var keys = new KeyOffsets(300 << 10);
        int count = 0;
        while (!keys.full()) {
            ByteBuf key = key(count);
            keys.put(key, 0, key.readableBytes(), count++);
        }
        assertThat(count).isEqualTo(8192 * 3 / 4);
        assertThat(get(keys, 0)).isZero();
    }

    @Test
    void aScanEndsBeforeTheBatchThatHasNoRoom() {
        var keys = new KeyOffsets(0);
        var scan =
                new KeyScan(
                        keys,
                        new TransactionTrail(List.of()),
                        0,
                        UnpooledByteBufAllocator.DEFAULT,
                        1 << 20);
        assertThat(scan.add(batch(0, 700), 0)).isTrue();
        assertThat(scan.add(batch(700, 700), 0)).isFalse();
        assertThat(keys.latestOffset()).isEqualTo(699);
    }

    @Test
    void theFirstBatchGoesInWhateverItTakes() {
        var keys = new KeyOffsets(0);
        var scan =
                new KeyScan(
                        keys,
                        new TransactionTrail(List.of()),
                        0,
                        UnpooledByteBufAllocator.DEFAULT,
                        1 << 20);
        assertThat(scan.add(batch(0, 5_000), 0)).isTrue();
        assertThat(get(keys, 4_999)).isEqualTo(4_999);
    }

    private static ByteBuf batch(int from, int count) {
        ByteBuf out = Unpooled.buffer();
        var builder = new BatchBuilder();
        builder.begin(out);
        for (int i = from; i < from + count; i++) {
            builder.append(1, key(i), Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, 0);
        }
        builder.finish();
        out.setLong(0, from);
        return out;
    }
}
