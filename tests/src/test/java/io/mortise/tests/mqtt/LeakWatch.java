// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Hears of buffers that were lost, and fails the test that asks. Detection must be paranoid. */
final class LeakWatch implements ResourceLeakDetector.LeakListener, AutoCloseable {
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    LeakWatch() {
        ByteBufUtil.setLeakListener(this);
    }

    @Override
    public void onLeak(String resourceType, String records) {
        leaks.add(resourceType + records);
    }

    @Override
    public void close() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            PooledByteBufAllocator.DEFAULT.buffer().release(); // reports what was found
        }
        ByteBufUtil.setLeakListener(null);
        assertThat(leaks).isEmpty();
    }
}
