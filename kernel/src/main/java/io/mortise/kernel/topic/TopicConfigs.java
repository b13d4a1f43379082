// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Durability;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A topic's own configs over the defaults of the broker. Immutable.
 *
 * @param own checked values set on the topic itself
 * @param defaults checked values of {@code topics.defaults}
 */
record TopicConfigs(Map<String, String> own, Map<String, String> defaults) {
    TopicConfigs {
        own = Map.copyOf(own);
        defaults = Map.copyOf(defaults);
    }

    /** Checks every key and value. */
    static Map<String, String> checked(Map<String, String> configs) {
        Map<String, String> checked = new TreeMap<>();
        configs.forEach((name, value) -> checked.put(name, TopicConfigKey.of(name).checked(value)));
        return checked;
    }

    /** With values set, and those that are null reset. */
    TopicConfigs with(Map<String, @Nullable String> changes) {
        Map<String, String> changed = new TreeMap<>(own);
        for (Map.Entry<String, @Nullable String> change : changes.entrySet()) {
            TopicConfigKey key = TopicConfigKey.of(change.getKey());
            String value = change.getValue();
            if (value == null) {
                changed.remove(key.key);
            } else {
                changed.put(key.key, key.checked(value));
            }
        }
        return new TopicConfigs(changed, defaults);
    }

    /**
     * @throws RefusedException values that do not go together
     */
    void checkCompaction() {
        String least = inForce(TopicConfigKey.MIN_COMPACTION_LAG_MS);
        String most = inForce(TopicConfigKey.MAX_COMPACTION_LAG_MS);
        if (Long.parseLong(least) > Long.parseLong(most)) {
            throw TopicConfigKey.MIN_COMPACTION_LAG_MS.refused(
                    least, "at most max.compaction.lag.ms, which is " + most);
        }
    }

    String inForce(TopicConfigKey key) {
        String value = own.get(key.key);
        return value != null ? value : defaults.getOrDefault(key.key, key.defaultValue);
    }

    /**
     * @throws RefusedException no such engine, or it cannot give the durability
     */
    void checkEngine(String engine, Map<String, Set<Durability>> engines) {
        Set<Durability> given = engines.get(engine);
        if (given == null) {
            throw TopicConfigKey.STORAGE_ENGINE.refused(engine, names(engines.keySet()));
        }
        String level = inForce(TopicConfigKey.DURABILITY);
        if (!given.contains(TopicConfigKey.durability(level))) {
            throw TopicConfigKey.DURABILITY.refused(
                    level, "what the storage engine '" + engine + "' can give: " + names(given));
        }
    }

    private static String names(Collection<?> values) {
        Set<String> names = new TreeSet<>();
        values.forEach(value -> names.add(value.toString()));
        return names.isEmpty() ? "none, no storage plugin is started" : String.join(", ", names);
    }
}
