// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.plugin.PluginActivator;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.LogId;
import io.mortise.spi.Registration;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Brings storage engines to the logs, each over directories of its own: {@code logs/NAME} in the
 * data directory and in each of {@code logs.directories}.
 */
final class StorageActivator implements PluginActivator<StorageEngineProvider> {
    /** People look for their own topics first. */
    private static final Comparator<String> OWN_LAST =
            Comparator.<String, Boolean>comparing(name -> name.startsWith("__"))
                    .thenComparing(Comparator.naturalOrder());

    private final Surroundings surroundings;
    private final LogHost logs;
    private final LogDisks disks;
    private final Function<TopicId, String> topicName;
    private final String indexEngine;
    private final Map<String, List<String>> enginesByPlugin = new ConcurrentHashMap<>();

    /**
     * @param topicName for messages
     * @param indexEngine that holds sessions, if one does
     */
    StorageActivator(
            Surroundings surroundings,
            LogHost logs,
            LogDisks disks,
            Function<TopicId, String> topicName,
            String indexEngine) {
        this.indexEngine = indexEngine;
        this.surroundings = surroundings;
        this.logs = logs;
        this.disks = disks;
        this.topicName = topicName;
    }

    @Override
    public Class<StorageEngineProvider> service() {
        return StorageEngineProvider.class;
    }

    @Override
    public ActivePlugin start(PluginScope scope, StorageEngineProvider provider) throws Exception {
        String id = scope.descriptor().id();
        var within = new WithinLoader(provider, scope.loader());
        Registration engine =
                logs.register(within, directory -> context(scope, provider.name(), directory));
        enginesByPlugin.computeIfAbsent(id, plugin -> new ArrayList<>()).add(provider.name());
        return drainNanos -> {
            enginesByPlugin.remove(id);
            engine.close();
        };
    }

    private StorageContext context(PluginScope scope, String engine, LogDirectory directory)
            throws IOException {
        DiskFileLayer below = disks.below(directory, engine);
        return new HostedStorageContext(
                scope,
                surroundings,
                directory.name(),
                disks.around(directory, below),
                below.root());
    }

    /** Some directories come later, when a thread of the kernel finds them. */
    private record WithinLoader(StorageEngineProvider provider, ClassLoader loader)
            implements StorageEngineProvider {
        @Override
        public String name() {
            return provider.name();
        }

        @Override
        public StorageEngine open(StorageContext context) throws IOException {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                return provider.open(context);
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }

    @Override
    public List<String> users(String pluginId) {
        var names = new TreeSet<String>(OWN_LAST);
        for (String engine : enginesByPlugin.getOrDefault(pluginId, List.of())) {
            for (LogId log : logs.keptBy(engine)) {
                names.add(topicName.apply(log.topicId()));
            }
        }
        List<String> users = new ArrayList<>();
        names.forEach(name -> users.add("topic '" + name + "'"));
        if (enginesByPlugin.getOrDefault(pluginId, List.of()).contains(indexEngine)) {
            users.add("the sessions (state.index in mortise.yaml)");
        }
        return users;
    }
}
