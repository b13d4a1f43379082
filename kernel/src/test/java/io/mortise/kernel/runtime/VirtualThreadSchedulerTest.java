// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.mortise.spi.Registration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

class VirtualThreadSchedulerTest {
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("test");

    @AfterEach
    void close() {
        scheduler.close();
    }

    @Test
    void runsOnVirtualThreads() throws InterruptedException {
        var virtual = new AtomicBoolean();
        var ran = new CountDownLatch(1);
        scheduler.execute(
                () -> {
                    virtual.set(Thread.currentThread().isVirtual());
                    ran.countDown();
                });
        assertThat(ran.await(10, SECONDS)).isTrue();
        assertThat(virtual).isTrue();
    }

    @Test
    void runsLaterUnlessCancelled() throws InterruptedException {
        var ran = new CountDownLatch(1);
        var cancelledRan = new AtomicBoolean();
        Registration cancelled =
                scheduler.schedule(() -> cancelledRan.set(true), MILLISECONDS.toNanos(20));
        cancelled.close();
        cancelled.close();
        scheduler.schedule(ran::countDown, MILLISECONDS.toNanos(40));
        assertThat(ran.await(10, SECONDS)).isTrue();
        assertThat(cancelledRan).isFalse();
    }

    @Test
    void repeatsUntilClosedThoughATaskThrows() throws InterruptedException {
        var runs = new AtomicInteger();
        var third = new CountDownLatch(3);
        Registration repeated =
                scheduler.repeat(
                        () -> {
                            runs.incrementAndGet();
                            third.countDown();
                            throw new IllegalStateException("expected by the test");
                        },
                        MILLISECONDS.toNanos(1));
        assertThat(third.await(10, SECONDS)).isTrue();
        repeated.close();
        assertThat(scheduler.awaitIdle(SECONDS.toNanos(10))).isTrue();
        assertThat(scheduler.failures()).isGreaterThanOrEqualTo(3);
        int after = runs.get();
        var later = new CountDownLatch(1);
        scheduler.schedule(later::countDown, MILLISECONDS.toNanos(20));
        assertThat(later.await(10, SECONDS)).isTrue();
        assertThat(runs).hasValueBetween(after, after + 1);
    }

    @Test
    void aClosedSchedulerRunsNothingMore() {
        var ran = new AtomicBoolean();
        scheduler.schedule(() -> ran.set(true), MILLISECONDS.toNanos(50));
        scheduler.close();
        scheduler.schedule(() -> ran.set(true), 0).close();
        assertThatThrownBy(() -> scheduler.execute(() -> {}))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ran).isFalse();
    }
}
