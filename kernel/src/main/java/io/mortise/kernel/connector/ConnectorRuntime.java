// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.connector;

import io.mortise.kernel.connector.ConnectorStatus.State;
import io.mortise.kernel.metadata.ConnectorDefinition;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.ConnectorPut;
import io.mortise.kernel.metadata.MetadataRecord.ConnectorRemoved;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.connector.SinkConnectorProvider;
import io.mortise.spi.plugin.PluginContext;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Runs what the metadata defines with the plugins that are there. Any thread; what starts and stops
 * tasks runs one at a time, aside.
 */
public final class ConnectorRuntime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorRuntime.class);
    private static final long STOP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long INTERRUPT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Metadata metadata;
    private final Topics topics;
    private final Scheduler scheduler;
    private final Function<String, @Nullable String> absence;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Plugin> plugins = new HashMap<>();
    private final Map<String, SinkRunner> runners = new HashMap<>();
    private final Registration listening;

    private record Plugin(SinkConnectorProvider provider, PluginContext context) {}

    /**
     * Begins to follow the metadata.
     *
     * @param absence why a plugin does not run, in a sentence, by id; null if it does
     */
    public ConnectorRuntime(
            Metadata metadata,
            Topics topics,
            Scheduler scheduler,
            Function<String, @Nullable String> absence) {
        this.absence = absence;
        this.metadata = metadata;
        this.topics = topics;
        this.scheduler = scheduler;
        this.listening = metadata.onChange(this::changed);
    }

    private void changed(MetadataImage before, MetadataImage after, List<MetadataRecord> records) {
        for (MetadataRecord record : records) {
            if (record instanceof ConnectorPut put) {
                scheduler.execute(() -> restartTask(put.name()));
            } else if (record instanceof ConnectorRemoved removed) {
                scheduler.execute(() -> restartTask(removed.name()));
            }
        }
    }

    /**
     * A connector plugin has started: its connectors run until the registration is closed, which
     * blocks until they have ended.
     */
    public Registration register(
            String pluginId, SinkConnectorProvider provider, PluginContext context) {
        Plugin plugin = new Plugin(provider, context);
        lock.lock();
        try {
            plugins.put(pluginId, plugin);
        } finally {
            lock.unlock();
        }
        namesOf(pluginId).forEach(this::restartTask);
        return () -> unregister(pluginId, plugin);
    }

    /** Not if another version has taken its place: the tasks are that one's already. */
    private void unregister(String pluginId, Plugin plugin) {
        boolean removed;
        lock.lock();
        try {
            removed = plugins.remove(pluginId, plugin);
        } finally {
            lock.unlock();
        }
        if (removed) {
            namesOf(pluginId).forEach(this::restartTask);
        }
    }

    /** Names of the connectors that a plugin runs: why it should not be uninstalled. */
    public List<String> namesOf(String pluginId) {
        List<String> names = new ArrayList<>();
        for (ConnectorDefinition definition : metadata.image().connectors().values()) {
            if (definition.plugin().equals(pluginId)) {
                names.add(definition.name());
            }
        }
        names.sort(null);
        return names;
    }

    /** Ends the task of that name and, if it shall run, begins another. Blocks. */
    private void restartTask(String name) {
        lock.lock();
        try {
            SinkRunner running = runners.remove(name);
            if (running != null) {
                end(name, running);
            }
            ConnectorDefinition definition = metadata.image().connectors().find(name);
            if (definition == null || definition.paused()) {
                return;
            }
            Plugin plugin = plugins.get(definition.plugin());
            if (plugin != null) {
                SinkRunner runner =
                        new SinkRunner(definition, plugin.provider, plugin.context, topics);
                runners.put(name, runner);
                runner.start();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void end(String name, SinkRunner runner) {
        runner.stop();
        try {
            if (runner.awaitEnd(STOP_TIMEOUT_NANOS)) {
                return;
            }
            runner.interrupt(); // before the classes of its plugin go
            if (!runner.awaitEnd(INTERRUPT_NANOS)) {
                LOG.warn(
                        "Connector {} did not end within {} s; its next task is fenced by the"
                                + " offsets in the other system.",
                        name,
                        TimeUnit.NANOSECONDS.toSeconds(STOP_TIMEOUT_NANOS + INTERRUPT_NANOS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Checks and stores a definition; it runs as soon as it is committed. */
    public CompletionStage<ConnectorDefinition> create(ConnectorDefinition definition) {
        check(definition);
        return metadata.change(
                image -> {
                    if (image.connectors().find(definition.name()) != null) {
                        throw new RefusedException(
                                Reason.RESOURCE_EXISTS,
                                "connector " + definition.name() + " exists already");
                    }
                    return new Change<>(List.of(put(definition)), definition);
                });
    }

    private void check(ConnectorDefinition definition) {
        Plugin plugin = plugin(definition.plugin());
        if (plugin == null) {
            throw new RefusedException(
                    Reason.UNKNOWN_RESOURCE,
                    absenceOf(definition.plugin()) + "; a connector needs it active");
        }
        List<String> faults = new ArrayList<>(plugin.provider.validate(definition.settings()));
        if (definition.topics().isEmpty()) {
            faults.add("topics is empty: name at least one");
        }
        if (!faults.isEmpty()) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "connector " + definition.name() + ": " + String.join("; ", faults));
        }
    }

    private @Nullable Plugin plugin(String id) {
        lock.lock();
        try {
            return plugins.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** Keeps the definition and ends or begins its task. */
    public CompletionStage<ConnectorDefinition> pause(String name, boolean paused) {
        return metadata.change(
                image -> {
                    ConnectorDefinition old = existing(image, name);
                    ConnectorDefinition next =
                            new ConnectorDefinition(
                                    old.name(),
                                    old.tenant(),
                                    old.plugin(),
                                    old.topics(),
                                    old.settings(),
                                    paused);
                    return new Change<>(List.of(put(next)), next);
                });
    }

    /** Removes a connector; what it wrote stays. */
    public CompletionStage<ConnectorDefinition> remove(String name) {
        return metadata.change(
                image -> {
                    ConnectorDefinition old = existing(image, name);
                    return new Change<>(List.of(new ConnectorRemoved(name)), old);
                });
    }

    /** Begins its task anew, also a FAILED one. Blocks until the old task has ended. */
    public void restart(String name) {
        existing(metadata.image(), name);
        restartTask(name);
    }

    private static ConnectorPut put(ConnectorDefinition definition) {
        return new ConnectorPut(
                definition.name(),
                definition.tenant().name(),
                definition.plugin(),
                definition.topics(),
                definition.settings(),
                definition.paused());
    }

    private static ConnectorDefinition existing(MetadataImage image, String name) {
        ConnectorDefinition definition = image.connectors().find(name);
        if (definition == null) {
            throw new RefusedException(Reason.UNKNOWN_RESOURCE, "there is no connector " + name);
        }
        return definition;
    }

    /**
     * Settings as they may be shown: secrets are stars, and so is everything of an absent plugin.
     */
    public Map<String, String> shownSettings(ConnectorDefinition definition) {
        Plugin plugin = plugin(definition.plugin());
        Map<String, String> shown = new TreeMap<>();
        definition
                .settings()
                .forEach((name, value) -> shown.put(name, isSecret(plugin, name) ? "***" : value));
        return shown;
    }

    private static boolean isSecret(@Nullable Plugin plugin, String name) {
        return plugin == null
                || plugin.provider.settings().stream()
                        .anyMatch(setting -> setting.name().equals(name) && setting.secret());
    }

    /** How the connector of that name is. */
    public ConnectorStatus status(String name) {
        ConnectorDefinition definition = existing(metadata.image(), name);
        lock.lock();
        try {
            SinkRunner runner = runners.get(name);
            if (runner != null) {
                return runner.status();
            }
        } finally {
            lock.unlock();
        }
        State state = definition.paused() ? State.PAUSED : State.UNASSIGNED;
        String error = definition.paused() ? "" : absenceOf(definition.plugin());
        return new ConnectorStatus(state, 0, error, 0, 0, List.of(), List.of());
    }

    /** In plain words. */
    private String absenceOf(String pluginId) {
        String why = absence.apply(pluginId);
        return why == null ? "plugin " + pluginId + " is stopping, or carries no connectors" : why;
    }

    /** All definitions, by name. */
    public List<ConnectorDefinition> all() {
        List<ConnectorDefinition> all = new ArrayList<>();
        metadata.image().connectors().values().forEach(all::add);
        all.sort((a, b) -> a.name().compareTo(b.name()));
        return all;
    }

    /** Ends all tasks. */
    @Override
    public void close() {
        listening.close();
        lock.lock();
        try {
            runners.values().forEach(SinkRunner::stop);
            runners.forEach(ConnectorRuntime::end);
            runners.clear();
            plugins.clear();
        } finally {
            lock.unlock();
        }
    }
}
