// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metrics;

import io.mortise.spi.plugin.Metrics;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;

/** The process as the JVM sees it; read only when someone looks. */
public final class ProcessMetrics {
    private ProcessMetrics() {}

    /** Registers them. */
    public static void register(Metrics metrics) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        metrics.gauge(
                "mortise_process_heap_bytes",
                "Heap in use",
                () -> memory.getHeapMemoryUsage().getUsed());
        metrics.gauge(
                "mortise_process_nonheap_bytes",
                "Memory outside of the heap that the JVM counts: classes and code",
                () -> memory.getNonHeapMemoryUsage().getUsed());
        metrics.gauge("mortise_process_threads", "Live platform threads", threads::getThreadCount);
        metrics.gauge(
                "mortise_process_uptime_seconds",
                "Since the JVM began",
                () -> runtime.getUptime() / 1_000.0);
    }
}
