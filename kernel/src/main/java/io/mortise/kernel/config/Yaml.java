// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** YAML as a tree that knows its lines. */
sealed interface Yaml {
    /** Where it begins, from 1. */
    int line();

    /** A value; empty text for nothing. */
    record Scalar(int line, String text) implements Yaml {}

    /** A list. */
    record Sequence(int line, List<Yaml> items) implements Yaml {}

    /** A section; lines are those of the keys. */
    record Mapping(int line, Map<String, Yaml> entries, Map<String, Integer> lines)
            implements Yaml {}

    /** The whole document; an empty one is an empty section. */
    static Mapping parse(String file, String text) throws ConfigException {
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) {
                return new Mapping(1, Map.of(), Map.of());
            }
            Yaml root = node(file, parser);
            if (root instanceof Mapping mapping) {
                return mapping;
            }
            throw new ConfigException(file + " line 1: expected sections, as in 'listeners:'");
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new ConfigException(file + " line " + line + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }

    private static Yaml node(String file, YAMLParser parser) throws IOException, ConfigException {
        int line = parser.currentTokenLocation().getLineNr();
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(file, parser, line);
            case START_ARRAY -> {
                List<Yaml> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(node(file, parser));
                }
                yield new Sequence(line, items);
            }
            case VALUE_NULL -> new Scalar(line, "");
            default -> new Scalar(line, parser.getText());
        };
    }

    private static Mapping mapping(String file, YAMLParser parser, int line)
            throws IOException, ConfigException {
        Map<String, Yaml> entries = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            int keyLine = parser.currentTokenLocation().getLineNr();
            parser.nextToken();
            Integer earlier = lines.put(key, keyLine);
            if (earlier != null) {
                throw new ConfigException(
                        file
                                + " line "
                                + keyLine
                                + ": '"
                                + key
                                + "' stands on line "
                                + earlier
                                + " already");
            }
            entries.put(key, node(file, parser));
        }
        return new Mapping(line, entries, lines);
    }

    /** The text of a scalar, or null. */
    default @Nullable String text() {
        return this instanceof Scalar scalar ? scalar.text() : null;
    }
}
