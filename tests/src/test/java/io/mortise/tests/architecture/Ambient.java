// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import java.util.List;
import java.util.Set;

/**
 * What reaches for the world: the JDK's (and Netty's) ways to a clock, a thread, randomness or a
 * file. Everything outside kernel.runtime gets these from its owner, which is what lets a whole
 * broker run on one thread from a seed.
 */
final class Ambient {
    private Ambient() {}

    private static final Set<String> MEMBERS =
            Set.of(
                    "java.lang.System.nanoTime",
                    "java.lang.System.currentTimeMillis",
                    "java.time.Instant.now",
                    "java.time.LocalDate.now",
                    "java.time.LocalTime.now",
                    "java.time.LocalDateTime.now",
                    "java.time.OffsetDateTime.now",
                    "java.time.ZonedDateTime.now",
                    "java.time.Clock.systemUTC",
                    "java.time.Clock.systemDefaultZone",
                    "java.time.Clock.system",
                    "java.time.InstantSource.system",
                    "java.util.Date.<init>",
                    "java.lang.Thread.<init>",
                    "java.lang.Thread.ofPlatform",
                    "java.lang.Thread.ofVirtual",
                    "java.lang.Thread.startVirtualThread",
                    "java.lang.Thread.sleep",
                    "java.util.concurrent.CompletableFuture.delayedExecutor",
                    "java.util.concurrent.CompletableFuture.orTimeout",
                    "java.util.concurrent.CompletableFuture.completeOnTimeout",
                    "java.util.concurrent.ThreadPoolExecutor.<init>",
                    "java.util.concurrent.ScheduledThreadPoolExecutor.<init>",
                    "java.util.concurrent.ForkJoinPool.<init>",
                    "java.util.concurrent.ForkJoinPool.commonPool",
                    "java.util.Timer.<init>",
                    "java.util.Random.<init>",
                    "java.util.SplittableRandom.<init>",
                    "java.util.concurrent.ThreadLocalRandom.current",
                    "java.security.SecureRandom.<init>",
                    "java.security.SecureRandom.getInstanceStrong",
                    "java.lang.Math.random",
                    "java.util.UUID.randomUUID",
                    "java.util.random.RandomGenerator.of",
                    "java.util.random.RandomGenerator.getDefault",
                    "java.nio.channels.FileChannel.open",
                    "java.nio.channels.AsynchronousFileChannel.open");

    private static final List<String> OWNERS =
            List.of(
                    "java.util.concurrent.Executors.",
                    "java.nio.file.Files.",
                    "java.io.File.",
                    "java.io.FileInputStream.",
                    "java.io.FileOutputStream.",
                    "java.io.FileReader.",
                    "java.io.FileWriter.",
                    "java.io.RandomAccessFile.");

    /**
     * Whether a call makes something real.
     *
     * @param member name and descriptor, as {@code java.lang.System.nanoTime()J}
     */
    static boolean forbidden(String member) {
        int descriptor = member.indexOf('(');
        String name = descriptor < 0 ? member : member.substring(0, descriptor);
        return MEMBERS.contains(name)
                || OWNERS.stream().anyMatch(name::startsWith)
                || usesCommonPool(name, member)
                || (name.startsWith("io.netty.channel.") && name.endsWith("EventLoopGroup.<init>"));
    }

    /**
     * The Async methods of CompletableFuture without an executor run on threads of nobody's choice.
     */
    private static boolean usesCommonPool(String name, String member) {
        return name.startsWith("java.util.concurrent.CompletableFuture.")
                && name.endsWith("Async")
                && !member.contains("Ljava/util/concurrent/Executor;");
    }
}
