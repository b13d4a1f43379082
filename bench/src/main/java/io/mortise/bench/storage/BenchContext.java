// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.mortise.kernel.plugin.PluginDescriptor;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.storage.StorageContext;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What an engine is given: the shipped settings, but for those that a benchmark changes. */
record BenchContext(
        String pluginId,
        PluginConfig config,
        FileLayer files,
        Clock clock,
        Scheduler scheduler,
        RandomGenerator random,
        Metrics metrics)
        implements StorageContext {

    static BenchContext of(
            String engine,
            Map<String, String> changes,
            FileLayer files,
            Scheduler scheduler,
            Metrics metrics)
            throws IOException {
        String id = "storage-" + engine;
        Map<String, String> settings = shipped(id);
        settings.putAll(changes);
        return new BenchContext(
                id,
                new PluginConfig(settings),
                files,
                new SystemClock(),
                scheduler,
                SystemRandom.secure(),
                metrics);
    }

    /** The defaults of the plugin's descriptor. */
    private static Map<String, String> shipped(String id) throws IOException {
        ClassLoader loader = BenchContext.class.getClassLoader();
        for (URL url : Collections.list(loader.getResources(PluginDescriptor.PATH))) {
            JsonNode descriptor = read(url);
            if (descriptor.path("id").asText().equals(id)) {
                Map<String, String> settings = new HashMap<>();
                descriptor
                        .path("config")
                        .properties()
                        .forEach(it -> add(settings, it.getKey(), it.getValue().path("default")));
                return settings;
            }
        }
        throw new IOException("no plugin '" + id + "' on the class path");
    }

    private static JsonNode read(URL url) throws IOException {
        try (InputStream in = url.openStream()) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static void add(Map<String, String> settings, String key, JsonNode value) {
        if (!value.isMissingNode()) {
            settings.put(key, value.asText());
        }
    }
}
