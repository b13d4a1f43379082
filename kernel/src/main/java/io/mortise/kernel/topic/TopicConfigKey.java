// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.Topics.ConfigKey;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Every config that a topic may have, under Kafka's names where Kafka has one. */
enum TopicConfigKey {
    RETENTION_MS(
            "retention.ms",
            "604800000",
            -1,
            Long.MAX_VALUE,
            "Milliseconds that records are kept; -1: for ever."),
    RETENTION_BYTES(
            "retention.bytes",
            "-1",
            -1,
            Long.MAX_VALUE,
            "Bytes that a partition keeps; -1: no bound."),
    RETENTION_RECORDS(
            "retention.records",
            "-1",
            -1,
            Long.MAX_VALUE,
            "Records that a partition keeps, counted by offsets; -1: no bound."),
    SEGMENT_BYTES(
            "segment.bytes",
            "67108864",
            1 << 20,
            1 << 30,
            "About how many bytes retention drops at once."),
    MAX_MESSAGE_BYTES(
            "max.message.bytes", "1048588", 1, 100 << 20, "Largest record batch that is accepted."),
    MESSAGE_TIMESTAMP_TYPE(
            "message.timestamp.type",
            List.of("CreateTime", "LogAppendTime"),
            "Whether records keep the producer's time or get the broker's."),
    CLEANUP_POLICY(
            "cleanup.policy",
            "list",
            "delete",
            List.of("delete", "compact"),
            0,
            0,
            "What happens to old records: delete by retention, compact to the last of each key, or"
                    + " both."),
    MIN_CLEANABLE_DIRTY_RATIO(
            "min.cleanable.dirty.ratio",
            "double",
            "0.5",
            List.of(),
            0,
            1,
            "A compacted log is worth compacting from this share of bytes appended since."),
    MIN_COMPACTION_LAG_MS(
            "min.compaction.lag.ms",
            "0",
            0,
            Long.MAX_VALUE,
            "Milliseconds that records of a compacted topic are left alone."),
    MAX_COMPACTION_LAG_MS(
            "max.compaction.lag.ms",
            "9223372036854775807",
            1,
            Long.MAX_VALUE,
            "Milliseconds after which records are compacted whatever the ratio."),
    DELETE_RETENTION_MS(
            "delete.retention.ms",
            "86400000",
            0,
            Long.MAX_VALUE,
            "Milliseconds that tombstones of a compacted topic stay."),
    MIN_INSYNC_REPLICAS(
            "min.insync.replicas", "1", 1, 1, "Replicas that must have a record; there is one."),
    DURABILITY(
            "durability",
            List.of("DISK", "OS", "MEMORY"),
            "What has happened to a record before its producer is told that it is safe."),
    STORAGE_ENGINE(
            "storage.engine",
            "segment",
            "The storage engine; after a change it takes what is appended from then on, and what"
                    + " the one before holds stays there until retention lets it go.");

    private static final Map<String, TopicConfigKey> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(it -> it.key, it -> it));

    final String key;
    final String type;
    final String defaultValue;
    private final String doc;
    private final List<String> allowed;
    private final long least;
    private final long most;

    TopicConfigKey(String key, String defaultValue, long least, long most, String doc) {
        this(
                key,
                most > Integer.MAX_VALUE ? "long" : "int",
                defaultValue,
                List.of(),
                least,
                most,
                doc);
    }

    TopicConfigKey(String key, List<String> allowed, String doc) {
        this(key, "string", allowed.getFirst(), allowed, 0, 0, doc);
    }

    TopicConfigKey(String key, String defaultValue, String doc) {
        this(key, "string", defaultValue, List.of(), 0, 0, doc);
    }

    TopicConfigKey(
            String key,
            String type,
            String defaultValue,
            List<String> allowed,
            long least,
            long most,
            String doc) {
        this.key = key;
        this.type = type;
        this.defaultValue = defaultValue;
        this.allowed = allowed;
        this.least = least;
        this.most = most;
        this.doc = doc;
    }

    /** The key of that name, or null. */
    static @Nullable TopicConfigKey find(String name) {
        return BY_NAME.get(name);
    }

    /**
     * @throws RefusedException naming the key and every key that there is
     */
    static TopicConfigKey of(String name) {
        TopicConfigKey key = find(name);
        if (key == null) {
            String all =
                    Arrays.stream(values()).map(it -> it.key).collect(Collectors.joining(", "));
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "topic config '" + name + "' is unknown; there are: " + all);
        }
        return key;
    }

    /** The value as it is kept. */
    String checked(String value) {
        String trimmed = value.trim();
        if (type.equals("list")) {
            return list(trimmed);
        }
        if (type.equals("double")) {
            return share(trimmed);
        }
        if (!allowed.isEmpty()) {
            for (String one : allowed) {
                if (one.equalsIgnoreCase(trimmed)) {
                    return one;
                }
            }
            throw refused(value, String.join(", ", allowed));
        }
        return type.equals("string") ? name(trimmed) : number(trimmed);
    }

    /** Those that are named, once each, in the order that they are listed in. */
    private String list(String value) {
        List<String> named = List.of(value.toLowerCase(Locale.ROOT).split("\\s*,\\s*", -1));
        if (!allowed.containsAll(named)) {
            throw refused(value, "one or more of " + String.join(", ", allowed));
        }
        return allowed.stream().filter(named::contains).collect(Collectors.joining(","));
    }

    private String share(String value) {
        try {
            double number = Double.parseDouble(value);
            if (number >= least && number <= most) {
                return Double.toString(number);
            }
        } catch (NumberFormatException e) {
            // refused below, as a number out of bounds is
        }
        throw refused(value, "numbers from " + least + " to " + most);
    }

    private String name(String value) {
        if (value.isEmpty()) {
            throw refused(value, "a name");
        }
        return value;
    }

    private String number(String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return Long.toString(number);
            }
        } catch (NumberFormatException e) {
            // refused below, as a number out of bounds is
        }
        throw refused(value, range());
    }

    private String range() {
        if (least == most) {
            return Long.toString(least);
        }
        return most == Long.MAX_VALUE
                ? String.format(Locale.ROOT, "whole numbers from %d", least)
                : String.format(Locale.ROOT, "whole numbers from %d to %d", least, most);
    }

    RefusedException refused(String value, String what) {
        return new RefusedException(
                Reason.INVALID_CONFIG,
                "topic config '"
                        + key
                        + "': value '"
                        + value
                        + "' is not allowed; allowed: "
                        + what);
    }

    ConfigKey described(String inForce) {
        return new ConfigKey(key, type, inForce, doc);
    }

    /** The durability that a checked value names. */
    static Durability durability(String checked) {
        return Durability.valueOf(checked);
    }
}
