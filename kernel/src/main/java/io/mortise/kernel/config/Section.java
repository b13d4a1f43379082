// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one section: every key is asked for, and what nobody asked for is refused by {@link #done}.
 */
final class Section {
    private final String file;
    private final String path;
    private final Yaml.Mapping node;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String file, String path, Yaml.Mapping node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    int line() {
        return node.line();
    }

    /** Line of a key, or of the section if the key is not there. */
    int line(String key) {
        return node.lines().getOrDefault(key, node.line());
    }

    /** The keys present. */
    Set<String> keys() {
        return node.entries().keySet();
    }

    /** The section under {@code key}; an empty one if it is absent. */
    Section section(String key) throws ConfigException {
        Yaml value = value(key);
        if (value instanceof Yaml.Mapping mapping) {
            return new Section(file, path(key), mapping);
        }
        if (value == null || "".equals(value.text())) {
            return new Section(file, path(key), new Yaml.Mapping(line(key), Map.of(), Map.of()));
        }
        throw fault(key, "expected a section with settings below it");
    }

    boolean has(String key) {
        return value(key) != null;
    }

    @Nullable String optional(String key) throws ConfigException {
        Yaml value = value(key);
        if (value == null) {
            return null;
        }
        String text = value.text();
        if (text == null || text.isBlank()) {
            throw fault(key, "expected one value");
        }
        return text;
    }

    String text(String key, String fallback) throws ConfigException {
        String value = optional(key);
        return value == null ? fallback : value;
    }

    String required(String key) throws ConfigException {
        String value = optional(key);
        if (value == null) {
            throw fault(key, "is missing");
        }
        return value;
    }

    boolean flag(String key, boolean fallback) throws ConfigException {
        String value = optional(key);
        if (value == null) {
            return fallback;
        }
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw fault(key, "value '" + value + "' is not allowed; allowed: true, false");
        };
    }

    int integer(String key, int fallback, int least, int most) throws ConfigException {
        return (int) number(key, fallback, least, most);
    }

    long number(String key, long fallback, long least, long most) throws ConfigException {
        String value = optional(key);
        if (value == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below, as a number out of bounds is
        }
        throw fault(
                key,
                "value '"
                        + value
                        + "' is not allowed; allowed: whole numbers from "
                        + least
                        + " to "
                        + most);
    }

    <E extends Enum<E>> E choice(String key, Class<E> type, E fallback) throws ConfigException {
        String value = optional(key);
        if (value == null) {
            return fallback;
        }
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(value)) {
                return constant;
            }
            names.add(constant.name());
        }
        throw fault(
                key, "value '" + value + "' is not allowed; allowed: " + String.join(", ", names));
    }

    /** A list, or one value as a list of one. */
    List<String> list(String key, List<String> fallback) throws ConfigException {
        Yaml value = value(key);
        if (value == null) {
            return fallback;
        }
        if (!(value instanceof Yaml.Sequence sequence)) {
            return List.of(required(key));
        }
        List<String> items = new ArrayList<>();
        for (Yaml item : sequence.items()) {
            String text = item.text();
            if (text == null || text.isBlank()) {
                throw fault(key, "expected a list of values");
            }
            items.add(text);
        }
        return items;
    }

    /** The sections of a list of sections. */
    List<Section> sections(String key) throws ConfigException {
        Yaml value = value(key);
        List<Section> sections = new ArrayList<>();
        if (value instanceof Yaml.Sequence sequence) {
            for (Yaml item : sequence.items()) {
                if (!(item instanceof Yaml.Mapping mapping)) {
                    throw fault(key, "expected a list of sections, each beginning with '- '");
                }
                sections.add(new Section(file, path(key) + "[" + sections.size() + "]", mapping));
            }
        } else if (value != null && !"".equals(value.text())) {
            throw fault(key, "expected a list of sections, each beginning with '- '");
        }
        return sections;
    }

    /**
     * Everything below as text: nested keys joined by dots, lists by commas. Asks for every key.
     */
    Map<String, String> flattened() {
        Map<String, String> flat = new LinkedHashMap<>();
        known.addAll(node.entries().keySet());
        flatten("", node, flat);
        return flat;
    }

    private static void flatten(String prefix, Yaml node, Map<String, String> flat) {
        switch (node) {
            case Yaml.Scalar scalar -> flat.put(prefix, scalar.text());
            case Yaml.Sequence sequence -> {
                List<String> items = new ArrayList<>();
                sequence.items().forEach(item -> items.add(String.valueOf(item.text())));
                flat.put(prefix, String.join(",", items));
            }
            case Yaml.Mapping mapping ->
                    mapping.entries()
                            .forEach(
                                    (key, value) ->
                                            flatten(
                                                    prefix.isEmpty() ? key : prefix + "." + key,
                                                    value,
                                                    flat));
        }
    }

    /** Refuses other keys than these, before a missing one is. */
    void only(String... keys) throws ConfigException {
        known.addAll(List.of(keys));
        done();
    }

    /**
     * @throws ConfigException a key that nobody asked for
     */
    void done() throws ConfigException {
        for (String key : node.entries().keySet()) {
            if (!known.contains(key)) {
                String nearest = NearestName.of(key, known);
                String hint =
                        nearest == null
                                ? "; known here: " + String.join(", ", known)
                                : "; did you mean '" + nearest + "'?";
                throw new ConfigException(
                        file
                                + " line "
                                + line(key)
                                + ": unknown setting '"
                                + path(key)
                                + "'"
                                + hint);
            }
        }
    }

    ConfigException fault(String key, String what) {
        return new ConfigException(file + " line " + line(key) + ": " + path(key) + ": " + what);
    }

    private @Nullable Yaml value(String key) {
        known.add(key);
        return node.entries().get(key);
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
