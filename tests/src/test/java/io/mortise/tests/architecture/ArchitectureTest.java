// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Who may know whom. Changing what is allowed here takes an ADR. */
final class ArchitectureTest {
    private static final Path ROOT = Path.of(System.getProperty("mortise.root"));

    /**
     * Each package imports only those of a lower rank; packages that are not named are judged by
     * the cycle rule.
     */
    private static final Map<String, Integer> KERNEL_LAYERS =
            Map.ofEntries(
                    Map.entry("plugin", 6),
                    Map.entry("listener", 6),
                    Map.entry("connector", 6),
                    Map.entry("session", 5),
                    Map.entry("queue", 5),
                    Map.entry("transaction", 5),
                    Map.entry("routing", 4),
                    Map.entry("partition", 4),
                    Map.entry("security", 3),
                    Map.entry("metadata", 2),
                    Map.entry("runtime", 1));

    private static final Map<String, Integer> PROTOCOL_LAYERS =
            Map.of("handler", 3, "session", 2, "mapping", 2, "codec", 1);

    private static final Map<String, Integer> STORAGE_LAYERS =
            Map.of("recovery", 4, "log", 3, "segment", 2, "index", 2);

    /**
     * Classes that may make real clocks, threads, random numbers or files, each with its reason.
     */
    private static final Map<String, Predicate<String>> EXEMPT =
            Map.of(
                    "the only real clock, scheduler, files", in("io.mortise.kernel.runtime"),
                    "a process of its own, for a moment", in("io.mortise.cli"),
                    "reads conf/ and sets the signal handler before there is a broker",
                            "io.mortise.kernel.Main"::equals);

    /** Modules without shipped code, or that may see everything. */
    private static final Set<String> NO_ROOMS =
            Set.of("archetype", "bom", "plugins", "distribution", "simulation", "tests", "bench");

    private static final Predicate<String> MAKES_EVENT_LOOPS = in("io.mortise.kernel.listener");

    static List<Room> rooms() {
        return Room.all();
    }

    /** A module that is not listed would be judged by nobody. */
    @Test
    void everyModuleWithCodeIsARoom() throws IOException {
        List<String> modules =
                Pattern.compile("<module>([^<]+)</module>")
                        .matcher(Files.readString(ROOT.resolve("pom.xml")))
                        .results()
                        .map(it -> it.group(1))
                        .filter(it -> !NO_ROOMS.contains(it))
                        .toList();
        assertThat(rooms()).extracting(Room::folder).containsExactlyInAnyOrderElementsOf(modules);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void usesOnlyWhatItMay(Room room) throws IOException {
        assertThat(Rules.imports(room, classesOf(room))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void keepsItsClassesInItsPackage(Room room) throws IOException {
        assertThat(classesOf(room)).allMatch(it -> room.owns(it.name()));
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void hasNoPackageCycle(Room room) throws IOException {
        assertThat(Rules.cycles(room, classesOf(room))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void respectsItsLayers(Room room) throws IOException {
        assertThat(Rules.layers(room, layersOf(room), classesOf(room))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void isHandedClockThreadsRandomnessAndFiles(Room room) throws IOException {
        assertThat(Rules.ambient(ArchitectureTest::exempt, classesOf(room)))
                .filteredOn(it -> !it.endsWith("EventLoopGroup.<init>") || !loops(it))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void namesCertainLibrariesInCertainPackagesOnly(Room room) throws IOException {
        List<CompiledClass> classes = classesOf(room);
        switch (room.folder()) {
            case "spi" -> assertThat(Rules.nettyInSpi(classes)).isEmpty();
            case "kernel" -> {
                Set<String> host = Set.of("io.mortise.kernel.plugin");
                assertThat(Rules.libraryOnlyIn("org.osgi.", host, classes)).isEmpty();
                assertThat(Rules.libraryOnlyIn("org.apache.felix.", host, classes)).isEmpty();
                assertThat(Rules.libraryOnlyIn("org.apache.ratis.", RATIS, classes)).isEmpty();
            }
            case "plugins/protocol-kafka" ->
                    assertThat(KAFKA_INNARDS)
                            .allSatisfy(it -> assertThat(onlyCoordinator(it, classes)).isEmpty());
            default -> {}
        }
    }

    private static final Set<String> RATIS = Set.of("io.mortise.kernel.metadata.ratis");

    /** Kafka's messages, records and requests are free within the bundle, its machinery is not. */
    private static final List<String> KAFKA_INNARDS =
            List.of(
                    "org.apache.kafka.coordinator.",
                    "org.apache.kafka.server.",
                    "org.apache.kafka.storage.",
                    "org.apache.kafka.image.",
                    "org.apache.kafka.metadata.");

    private static List<String> onlyCoordinator(String library, List<CompiledClass> classes) {
        Set<String> coordinator = Set.of("io.mortise.protocol.kafka.coordinator");
        return Rules.libraryOnlyIn(library, coordinator, classes);
    }

    private static Map<String, Integer> layersOf(Room room) {
        if (room.folder().equals("kernel")) {
            return KERNEL_LAYERS;
        }
        if (room.folder().startsWith("plugins/protocol-")) {
            return PROTOCOL_LAYERS;
        }
        return room.folder().startsWith("plugins/storage-") ? STORAGE_LAYERS : Map.of();
    }

    private static boolean exempt(String className) {
        return EXEMPT.values().stream().anyMatch(it -> it.test(className));
    }

    private static boolean loops(String breach) {
        return MAKES_EVENT_LOOPS.test(breach.substring(0, breach.indexOf(' ')));
    }

    private static Predicate<String> in(String packageName) {
        return name -> name.startsWith(packageName + ".");
    }

    /** Fails rather than judging nothing: a module with sources must have been compiled. */
    private static List<CompiledClass> classesOf(Room room) throws IOException {
        Path module = ROOT.resolve(room.folder());
        List<CompiledClass> classes = CompiledClass.under(module.resolve("target/classes"));
        if (Files.isDirectory(module.resolve("src/main/java"))) {
            assertThat(classes).as("compiled classes of %s", room.folder()).isNotEmpty();
        }
        return classes;
    }
}
