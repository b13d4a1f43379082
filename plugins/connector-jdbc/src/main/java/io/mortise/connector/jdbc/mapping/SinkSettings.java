// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

import io.mortise.spi.connector.SinkConnectorProvider.Setting;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The connector's settings, named as those of the JDBC sinks that people know from Kafka Connect.
 *
 * @param url of the database
 * @param table where rows go; ${topic} stands for the topic
 * @param keyMode where the primary key comes from
 * @param keyColumns names of the primary key's columns
 */
public record SinkSettings(
        String url,
        String user,
        String password,
        String table,
        InsertMode insertMode,
        KeyMode keyMode,
        List<String> keyColumns,
        boolean deleteEnabled,
        boolean tolerateBadRecords,
        boolean ignoreUnknownFields) {
    private static final String URL_PREFIX = "jdbc:postgresql:";

    /** Every setting, as shown to users. */
    public static final List<Setting> DOCUMENTED =
            List.of(
                    required("connection.url", "jdbc:postgresql://HOST:PORT/DATABASE"),
                    optional("connection.user", "string", "", false, "user of the database"),
                    optional("connection.password", "string", "", true, "its password"),
                    optional(
                            "table.name.format",
                            "string",
                            "${topic}",
                            false,
                            "table, with schema if need be; ${topic} is the topic's name"),
                    optional(
                            "insert.mode",
                            "string",
                            "upsert",
                            false,
                            "upsert (one row per key, needs pk.fields) or insert"),
                    optional(
                            "pk.mode",
                            "string",
                            "record_key",
                            false,
                            "record_key (the record's key as text is the one column of pk.fields)"
                                    + " or record_value (pk.fields are members of the value)"),
                    optional("pk.fields", "list", "", false, "columns of the primary key"),
                    optional(
                            "delete.enabled",
                            "boolean",
                            "false",
                            false,
                            "a record without value deletes its key's row; needs record_key"),
                    optional(
                            "errors.tolerance",
                            "string",
                            "none",
                            false,
                            "none (stop at a record that fits no row) or all (count and skip it)"),
                    optional(
                            "unknown.fields",
                            "string",
                            "reject",
                            false,
                            "reject or ignore members of the value that are no column"));

    public SinkSettings {
        keyColumns = List.copyOf(keyColumns);
    }

    /** How a row is written. */
    public enum InsertMode {
        INSERT,
        UPSERT
    }

    /** Where the primary key comes from. */
    public enum KeyMode {
        RECORD_KEY,
        RECORD_VALUE
    }

    private static Setting required(String name, String doc) {
        return new Setting(name, "string", null, false, doc);
    }

    private static Setting optional(
            String name, String type, String defaultValue, boolean secret, String doc) {
        return new Setting(name, type, defaultValue, secret, doc);
    }

    /** What is wrong with settings, in plain words; empty if nothing is. */
    public static List<String> faults(Map<String, String> settings) {
        List<String> faults = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(settings.keySet());
        DOCUMENTED.forEach(setting -> unknown.remove(setting.name()));
        unknown.forEach(name -> faults.add("setting '" + name + "' is not known"));
        String url = value(settings, "connection.url");
        if (!url.startsWith(URL_PREFIX)) {
            faults.add(
                    "connection.url is '"
                            + withoutSecrets(url)
                            + "' and must begin with "
                            + URL_PREFIX);
        }
        oneOf(faults, settings, "insert.mode", "insert", "upsert");
        oneOf(faults, settings, "pk.mode", "record_key", "record_value");
        oneOf(faults, settings, "delete.enabled", "true", "false");
        oneOf(faults, settings, "errors.tolerance", "none", "all");
        oneOf(faults, settings, "unknown.fields", "reject", "ignore");
        if (faults.isEmpty()) {
            keyFaults(faults, parse(settings));
        }
        return faults;
    }

    private static void keyFaults(List<String> faults, SinkSettings settings) {
        int columns = settings.keyColumns.size();
        boolean byKey = settings.keyMode == KeyMode.RECORD_KEY;
        if (columns == 0 && settings.insertMode == InsertMode.UPSERT) {
            faults.add("insert.mode is upsert, so pk.fields must name the primary key's columns");
        }
        if (columns > 1 && byKey) {
            faults.add(
                    "pk.mode is record_key, so pk.fields must name one column, not "
                            + settings.keyColumns);
        }
        if (settings.deleteEnabled && (!byKey || columns != 1)) {
            faults.add("delete.enabled needs pk.mode record_key and one column in pk.fields");
        }
    }

    private static void oneOf(
            List<String> faults, Map<String, String> settings, String name, String... allowed) {
        String value = value(settings, name);
        if (!Arrays.asList(allowed).contains(value)) {
            faults.add(name + " is '" + value + "', allowed are " + String.join(" and ", allowed));
        }
    }

    // A URL may carry ?password=...
    private static String withoutSecrets(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query) + "?...";
    }

    /** Reads settings that have no {@link #faults}. */
    public static SinkSettings parse(Map<String, String> settings) {
        List<String> keys =
                Arrays.stream(value(settings, "pk.fields").split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
        return new SinkSettings(
                value(settings, "connection.url"),
                value(settings, "connection.user"),
                value(settings, "connection.password"),
                value(settings, "table.name.format"),
                value(settings, "insert.mode").equals("insert")
                        ? InsertMode.INSERT
                        : InsertMode.UPSERT,
                value(settings, "pk.mode").equals("record_value")
                        ? KeyMode.RECORD_VALUE
                        : KeyMode.RECORD_KEY,
                keys,
                Boolean.parseBoolean(value(settings, "delete.enabled")),
                value(settings, "errors.tolerance").equals("all"),
                value(settings, "unknown.fields").equals("ignore"));
    }

    private static String value(Map<String, String> settings, String name) {
        String given = settings.get(name);
        if (given != null) {
            return given;
        }
        for (Setting setting : DOCUMENTED) {
            if (setting.name().equals(name) && setting.defaultValue() != null) {
                return setting.defaultValue();
            }
        }
        return "";
    }

    /** The table for records of {@code topic}. */
    public String tableFor(String topic) {
        return table.replace("${topic}", topic);
    }

    @Override
    public String toString() {
        return "SinkSettings[" + withoutSecrets(url) + ", " + table + "]";
    }
}
