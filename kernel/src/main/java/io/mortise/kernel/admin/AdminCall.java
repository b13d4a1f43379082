// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.mortise.kernel.config.NearestName;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.admin.Administration.Request;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A request on its way to a handler. Everything asked of it refuses what is missing or of the wrong
 * type.
 */
public final class AdminCall {
    private final Request request;
    private final Map<String, String> variables;

    AdminCall(Request request, Map<String, String> variables) {
        this.request = request;
        this.variables = Map.copyOf(variables);
    }

    /** The part of the path that the pattern names. */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalStateException("the pattern of this route has no {" + name + "}");
        }
        return value;
    }

    /** The tenant in the query, or the one that needs no configuration. */
    public TenantId tenant() {
        String name = request.query().getOrDefault("tenant", TenantId.DEFAULT.name());
        try {
            return new TenantId(name);
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    /** The body, which may have these members and no others. */
    public Body body(String... members) {
        Body body = new Body(parsed());
        for (String present : body.names()) {
            List<String> known = List.of(members);
            if (!known.contains(present)) {
                String nearest = NearestName.of(present, known);
                throw invalid(
                        "unknown member '"
                                + present
                                + "'"
                                + (nearest == null
                                        ? "; known: " + known
                                        : "; did you mean '" + nearest + "'?"));
            }
        }
        return body;
    }

    private ObjectNode parsed() {
        try {
            JsonNode node = AdminJson.MAPPER.readTree(request.body());
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw invalid("the body must be a JSON object");
        } catch (JsonProcessingException e) {
            throw invalid("the body is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw invalid("the body is no JSON: " + e.getMessage());
        }
    }

    static RefusedException invalid(String message) {
        return new RefusedException(Reason.INVALID_REQUEST, message);
    }

    /** A JSON object. */
    public static final class Body {
        private final ObjectNode node;

        Body(ObjectNode node) {
            this.node = node;
        }

        private List<String> names() {
            List<String> names = new ArrayList<>();
            node.fieldNames().forEachRemaining(names::add);
            return names;
        }

        public boolean has(String name) {
            return node.hasNonNull(name);
        }

        public String text(String name) {
            String text = optional(name);
            if (text == null) {
                throw invalid("'" + name + "' is missing");
            }
            return text;
        }

        /** The text, or null if it is absent. */
        public @Nullable String optional(String name) {
            if (!has(name)) {
                return null;
            }
            if (!node.get(name).isTextual()) {
                throw invalid("'" + name + "' must be a text");
            }
            return node.get(name).textValue();
        }

        public int integer(String name, int fallback) {
            if (!has(name)) {
                return fallback;
            }
            if (!node.get(name).canConvertToInt() || !node.get(name).isIntegralNumber()) {
                throw invalid("'" + name + "' must be a whole number");
            }
            return node.get(name).intValue();
        }

        public <E extends Enum<E>> E choice(String name, Class<E> type, E fallback) {
            String value = optional(name);
            if (value == null) {
                return fallback;
            }
            try {
                return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw invalid(
                        "'"
                                + name
                                + "': value '"
                                + value
                                + "' is not allowed; allowed: "
                                + List.of(type.getEnumConstants()));
            }
        }

        /** A list of texts; empty if it is absent. */
        public List<String> texts(String name) {
            List<String> texts = new ArrayList<>();
            for (JsonNode item : node.path(name)) {
                if (!item.isTextual()) {
                    throw invalid("'" + name + "' must be a list of texts");
                }
                texts.add(item.textValue());
            }
            if (has(name) && !node.get(name).isArray()) {
                throw invalid("'" + name + "' must be a list of texts");
            }
            return texts;
        }

        /** An object whose values are texts, numbers, flags (taken as text) or null. */
        public Map<String, @Nullable String> map(String name) {
            Map<String, @Nullable String> map = new LinkedHashMap<>();
            if (!has(name)) {
                return map;
            }
            if (!node.get(name).isObject()) {
                throw invalid("'" + name + "' must be an object");
            }
            for (Map.Entry<String, JsonNode> entry : node.get(name).properties()) {
                JsonNode value = entry.getValue();
                if (value.isContainerNode()) {
                    throw invalid("'" + name + "." + entry.getKey() + "' must be one value");
                }
                map.put(entry.getKey(), value.isNull() ? null : value.asText());
            }
            return map;
        }

        /** As {@link #map}, but null is refused. */
        public Map<String, String> values(String name) {
            Map<String, String> values = new LinkedHashMap<>();
            for (Map.Entry<String, @Nullable String> entry : map(name).entrySet()) {
                String value = entry.getValue();
                if (value == null) {
                    throw invalid("'" + name + "." + entry.getKey() + "' must have a value");
                }
                values.put(entry.getKey(), value);
            }
            return values;
        }
    }
}
