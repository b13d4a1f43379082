// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import javax.management.JMException;
import javax.management.ObjectName;

/** The heap of this process as a file that is looked at and deleted at once. */
public final class HeapDumps {
    private HeapDumps() {}

    /** Looks at a dump. */
    public interface Look<T extends @Nullable Object> {
        T at(ByteBuffer dump) throws IOException;
    }

    /**
     * Writes what is reachable (the process stands still meanwhile), maps it, and deletes the file,
     * which only the owner could read.
     *
     * @param file must not exist; its name ends with {@code .hprof}
     * @throws IOException it cannot be written, or has more than 2 GB
     */
    public static <T extends @Nullable Object> T look(Path file, Look<T> look) throws IOException {
        try {
            write(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                if (channel.size() > Integer.MAX_VALUE) {
                    throw new IOException("the heap has more than 2 GB");
                }
                return look.at(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** By its name: not every JVM has that bean. */
    private static void write(Path file) throws IOException {
        boolean reachableOnly = true;
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=HotSpotDiagnostic"),
                            "dumpHeap",
                            new Object[] {file.toString(), reachableOnly},
                            new String[] {String.class.getName(), boolean.class.getName()});
        } catch (JMException failed) {
            throw new IOException("the heap cannot be written: " + failed.getMessage(), failed);
        }
    }
}
