// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.kernel.partition.EngineCheck;
import io.mortise.kernel.partition.LogHost;
import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.StorageProblem;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * {@code /storage}: the engines, their directories, and whether what they keep is as it was
 * written.
 */
public final class StorageRoutes {
    private final LogHost logs;
    private final Function<TopicId, String> topicName;

    private StorageRoutes(LogHost logs, Function<TopicId, String> topicName) {
        this.logs = logs;
        this.topicName = topicName;
    }

    /** Adds the routes. */
    public static void add(AdminRouter router, LogHost logs, Function<TopicId, String> topicName) {
        var routes = new StorageRoutes(logs, topicName);
        router.route("GET", "/storage", _ -> routes.storage());
        router.route("POST", "/storage/{engine}/check", routes::check);
    }

    private Object storage() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("engines", engines());
        all.put("directories", directories());
        return all;
    }

    private List<Object> directories() {
        List<Object> rows = new ArrayList<>();
        for (LogDirectory directory : logs.directories()) {
            Refusal offline = directory.offline();
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("directory", directory.name());
            row.put("id", directory.isPrimary() ? null : directory.id());
            row.put("online", offline == null);
            row.put("reason", offline == null ? null : offline.message());
            row.put("partitions", logs.keptIn(directory).size());
            rows.add(row);
        }
        return rows;
    }

    private List<Object> engines() {
        List<String> checkable = logs.checkable();
        List<Object> rows = new ArrayList<>();
        logs.engines()
                .forEach(
                        (name, durabilities) -> {
                            Map<String, Object> row = new LinkedHashMap<>();
                            row.put("engine", name);
                            row.put("durabilities", durabilities);
                            row.put("logs", logs.keptBy(name).size());
                            row.put("checkable", checkable.contains(name));
                            rows.add(row);
                        });
        return rows;
    }

    private Object check(AdminCall call) {
        String engine = call.variable("engine");
        EngineCheck found = logs.check(engine);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("engine", engine);
        row.put("logs", found.logs());
        row.put("bytes", found.bytes());
        row.put("problems", found.problems().stream().map(this::row).toList());
        row.put("unchecked", found.unchecked());
        return row;
    }

    private Map<String, @Nullable Object> row(EngineCheck.Found found) {
        StorageProblem problem = found.problem();
        LogId log = problem.log();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("topic", log == null ? null : topicName.apply(log.topicId()));
        row.put("partition", log == null ? null : log.partition());
        row.put("directory", found.directory());
        row.put("file", problem.file());
        row.put("fromOffset", problem.fromOffset());
        row.put("toOffset", problem.toOffset());
        row.put("problem", problem.problem());
        row.put("remedy", problem.remedy());
        return row;
    }
}
