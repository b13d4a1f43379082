// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import com.sun.management.OperatingSystemMXBean;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What this process uses. */
final class Usage {
    private static final double MIB = 1 << 20;

    private Usage() {}

    /** CPU of all threads so far. */
    static long cpuNanos() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }

    static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    static double heapMebibytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB;
    }

    static double directMebibytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(it -> it.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum()
                / MIB;
    }

    /** A line of /proc/self/status or /proc/self/io, in its own unit. */
    static long line(String file, String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self", file))) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("/proc/self/" + file + " has no " + key);
    }

    /** Empties the page cache; false if this process may not. */
    static boolean dropCaches() throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
        try {
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Bytes that a directory occupies on its disk. */
    static long occupied(Path directory) throws IOException {
        var du = new ProcessBuilder("du", "-sB1", directory.toString()).start();
        return Long.parseLong(
                new String(
                                du.getInputStream().readAllBytes(),
                                java.nio.charset.StandardCharsets.US_ASCII)
                        .split("\\s", 2)[0]);
    }

    static void delete(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
