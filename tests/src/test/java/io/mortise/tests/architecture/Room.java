// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import java.util.List;

/**
 * One module, and what its classes may refer to beside the JDK and their own packages.
 *
 * @param folder the module's folder below the root, as {@code plugins/protocol-mqtt}
 * @param root the package that all its classes lie in or below
 * @param mayUse prefixes of class names; a rule of {@link Rules} may narrow them for some packages
 */
record Room(String folder, String root, List<String> mayUse) {
    private static final String SPI = "io.mortise.spi.";
    private static final String JSPECIFY = "org.jspecify.";
    private static final String SLF4J = "org.slf4j.";
    private static final String NETTY = "io.netty.";
    private static final String JACKSON = "com.fasterxml.jackson.";
    private static final String KAFKA = "org.apache.kafka.";

    Room {
        mayUse = List.copyOf(mayUse);
    }

    static List<Room> all() {
        return List.of(
                // What of Netty each package of the SPI may name is a rule of its own.
                new Room("spi", "io.mortise.spi", List.of(NETTY, "org.osgi.annotation.", JSPECIFY)),
                // Its libraries are its own business; which package may use OSGi and Ratis is a
                // rule.
                new Room(
                        "kernel",
                        "io.mortise.kernel",
                        List.of(
                                SPI,
                                NETTY,
                                SLF4J,
                                JSPECIFY,
                                JACKSON,
                                "org.osgi.",
                                "org.apache.felix.",
                                "org.apache.ratis.",
                                "io.micrometer.",
                                "io.prometheus.",
                                "net.jpountz.",
                                "com.github.luben.zstd.",
                                "org.xerial.snappy.")),
                plugin("protocol-mqtt", "protocol.mqtt", NETTY),
                plugin("protocol-kafka", "protocol.kafka", NETTY, KAFKA, "com.yammer.metrics."),
                plugin("storage-segment", "storage.segment"),
                plugin("storage-memory", "storage.memory"),
                plugin("storage-rocksdb", "storage.rocksdb", "org.rocksdb."),
                plugin("auth-builtin", "auth.builtin", JACKSON, "org.yaml.snakeyaml."),
                plugin("connector-jdbc", "connector.jdbc", JACKSON, "org.postgresql."),
                plugin("admin-http", "admin.http", NETTY, JACKSON),
                new Room("cli", "io.mortise.cli", List.of("picocli.", JACKSON, JSPECIFY)));
    }

    /**
     * A plugin sees the SPI and its own libraries: never the kernel, never another plugin, never
     * OSGi.
     */
    private static Room plugin(String folder, String root, String... libraries) {
        var mayUse = new java.util.ArrayList<>(List.of(SPI, SLF4J, JSPECIFY));
        mayUse.addAll(List.of(libraries));
        return new Room("plugins/" + folder, "io.mortise." + root, mayUse);
    }

    boolean owns(String className) {
        return className.startsWith(root + ".");
    }

    /** The part of a package below this room's root, empty for the root itself. */
    String packageBelow(String packageName) {
        return packageName.equals(root) ? "" : packageName.substring(root.length() + 1);
    }
}
