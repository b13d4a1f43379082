// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** One thing done wrong, and the groups of the kit that must each notice it. */
enum Defect {
    NONE,
    SKIPS_FORCE("Promises", "Crashes", "TornTails", "Model"),
    SKIPS_EVERY_SECOND_FORCE("Promises", "Model"),
    SKIPS_FORCE_OF_DIRECTORIES("Promises", "Crashes", "Model"),
    ACKNOWLEDGES_AFTER_A_FAILED_FORCE("Disks", "Model"),
    KEEPS_FILES_OPEN("Resources"),
    TRUNCATES_TOO_MUCH("AtDisk", "Model"),
    TRUNCATES_TOO_LITTLE("AtDisk", "TornTails", "Model"),
    SERVES_CORRUPTION("Damage"),
    REORDERS("AtDisk", "Concurrency", "Model"),
    IGNORES_THE_LIMIT("AtDisk", "Model"),
    SAYS_NOTHING_OUT_OF_RANGE("AtDisk"),
    TAKES_GAPS("AtDisk"),
    LEAKS_SLICES("Resources"),
    SLICES_PIN_NOTHING("AtDisk", "Concurrency"),
    FORGETS_THE_START("Promises", "Crashes", "Model"),
    REPLACES_IN_TWO_STEPS("Crashes"),
    DELETES_IN_MEMORY("Promises", "Crashes", "Model"),
    TAKES_GENERATIONS_FOR_ONE_LOG("Promises"),
    NEVER_RECOVERS("Disks", "Model"),
    TAKES_LEVELS_IT_DOES_NOT_DECLARE("Promises"),
    IGNORES_A_CHANGE_OF_LEVEL("Promises", "Model"),
    READERS_HOLD_UP_EACH_OTHER("Concurrency"),
    FORGETS_LOGS_WITHOUT_INDEX("Damage"),
    LOSES_THE_LAST_BATCH("Promises", "Crashes", "Model"),
    DROPS_BY_THE_CLOCK("Promises"),
    LEAVES_A_TASK("Resources"),
    COUNTS_NOTHING("Resources"),
    HOLDS_ITS_CLASS_LOADER("Unload");

    private final List<String> groups;

    Defect(String... groups) {
        this.groups = List.of(groups);
    }

    List<String> groups() {
        return groups;
    }

    /** What the engine sees of the world. */
    TestStorageContext around(TestStorageContext world) {
        if (this == COUNTS_NOTHING) {
            return with(world, world.files(), new TestMetrics());
        }
        return with(world, around(world.files()), world.metrics());
    }

    private static TestStorageContext with(
            TestStorageContext world, FileLayer files, TestMetrics metrics) {
        return new TestStorageContext(
                files, world.settings(), world.clock(), world.scheduler(), world.random(), metrics);
    }

    private FileLayer around(FileLayer files) {
        return switch (this) {
            case SKIPS_FORCE -> BrokenFiles.skippingForce(files);
            case SKIPS_EVERY_SECOND_FORCE -> BrokenFiles.skippingEverySecondForce(files);
            case SKIPS_FORCE_OF_DIRECTORIES -> BrokenFiles.skippingForceOfDirectories(files);
            case ACKNOWLEDGES_AFTER_A_FAILED_FORCE -> BrokenFiles.swallowingFailedForces(files);
            case KEEPS_FILES_OPEN -> BrokenFiles.keepingOpen(files);
            default -> files;
        };
    }

    /** What the kit sees of the engine. */
    StorageEngine around(StorageEngine engine, TestStorageContext world) throws IOException {
        return switch (this) {
            case DELETES_IN_MEMORY -> BrokenEngines.deletingInMemory(engine);
            case TAKES_GENERATIONS_FOR_ONE_LOG -> BrokenEngines.ignoringGenerations(engine);
            case NEVER_RECOVERS -> BrokenEngines.neverRecovering(engine);
            case TAKES_LEVELS_IT_DOES_NOT_DECLARE -> BrokenEngines.declaringLessThanItTakes(engine);
            case IGNORES_A_CHANGE_OF_LEVEL -> BrokenEngines.ignoringLevels(engine);
            case READERS_HOLD_UP_EACH_OTHER -> BrokenEngines.lockingTogether(engine);
            case FORGETS_LOGS_WITHOUT_INDEX ->
                    BrokenEngines.emptyWithoutIndex(engine, world.files());
            case LOSES_THE_LAST_BATCH -> BrokenEngines.losingTheLastBatchOfALog(engine);
            case DROPS_BY_THE_CLOCK -> BrokenEngines.droppingByTheClock(engine, world.clock());
            default -> BrokenEngines.withLogs(engine, logs(world));
        };
    }

    private UnaryOperator<LogStorage> logs(TestStorageContext world) {
        return switch (this) {
            case TRUNCATES_TOO_MUCH -> BrokenLogs::truncatingTooMuch;
            case TRUNCATES_TOO_LITTLE -> BrokenLogs::truncatingTooLittle;
            case SERVES_CORRUPTION -> BrokenLogs::servingCorruption;
            case REORDERS -> BrokenLogs::reordering;
            case IGNORES_THE_LIMIT -> BrokenLogs::ignoringTheLimit;
            case SAYS_NOTHING_OUT_OF_RANGE -> BrokenLogs::emptyOutOfRange;
            case TAKES_GAPS -> BrokenLogs::acceptingGaps;
            case LEAKS_SLICES -> log -> BrokenLogs.leakingSlices(log, world.files());
            case SLICES_PIN_NOTHING -> BrokenLogs::readingLate;
            case FORGETS_THE_START -> BrokenLogs::forgettingStart;
            case REPLACES_IN_TWO_STEPS -> BrokenLogs::replacingInTwoSteps;
            default -> UnaryOperator.identity();
        };
    }
}
