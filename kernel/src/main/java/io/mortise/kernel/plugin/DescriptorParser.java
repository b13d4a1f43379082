// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginDescriptor.Setting;
import io.mortise.kernel.plugin.PluginDescriptor.Upgrade;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;
import org.osgi.framework.VersionRange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Text of a descriptor to {@link PluginDescriptor}, or a refusal that names file and field. */
final class DescriptorParser {
    private static final Set<String> FIELDS =
            Set.of(
                    "id",
                    "kind",
                    "version",
                    "spi",
                    "provides",
                    "config",
                    "licence",
                    "upgrade",
                    "exclusive");
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");

    private final String file;
    private final Map<String, @Nullable Object> fields;

    private DescriptorParser(String file, Map<String, @Nullable Object> fields) {
        this.file = file;
        this.fields = fields;
    }

    /**
     * Parses.
     *
     * @param file the bundle's name, for messages
     */
    static PluginDescriptor parse(String file, byte[] json) {
        Map<String, @Nullable Object> fields;
        try {
            fields = Json.object(json);
        } catch (IOException malformed) {
            throw refusal(file, "is not a JSON object: " + malformed.getMessage());
        }
        return new DescriptorParser(file, fields).descriptor();
    }

    private PluginDescriptor descriptor() {
        for (String field : fields.keySet()) {
            if (!FIELDS.contains(field)) {
                throw refusal(file, "has the unknown field '" + field + "'");
            }
        }
        String id = text("id");
        if (!id.matches("[a-z0-9][a-z0-9-]{0,63}")) {
            throw refusal(file, "has the id '" + id + "'; an id is 1 to 64 of [a-z0-9-]");
        }
        Upgrade upgrade =
                choice("upgrade", Upgrade.class, fields.containsKey("upgrade") ? null : "live");
        boolean exclusive = Boolean.TRUE.equals(fields.get("exclusive"));
        return new PluginDescriptor(
                id,
                choice("kind", PluginKind.class, null),
                text("version"),
                ranges(),
                provides(),
                settings(),
                text("licence"),
                upgrade,
                exclusive);
    }

    private Map<String, String> ranges() {
        var ranges = new LinkedHashMap<String, String>();
        for (Map.Entry<String, @Nullable Object> entry : object("spi").entrySet()) {
            String range = String.valueOf(entry.getValue());
            try {
                VersionRange.valueOf(range);
            } catch (IllegalArgumentException malformed) {
                throw refusal(
                        file,
                        "gives spi."
                                + entry.getKey()
                                + " the range '"
                                + range
                                + "', which is none");
            }
            ranges.put(entry.getKey(), range);
        }
        return ranges;
    }

    private List<String> provides() {
        if (!(fields.get("provides") instanceof List<?> names) || names.isEmpty()) {
            throw refusal(file, "lacks the list 'provides' of SPI interfaces");
        }
        return names.stream().map(String::valueOf).toList();
    }

    private Map<String, Setting> settings() {
        var settings = new LinkedHashMap<String, Setting>();
        if (!fields.containsKey("config")) {
            return settings;
        }
        for (Map.Entry<String, @Nullable Object> entry : object("config").entrySet()) {
            if (!(entry.getValue() instanceof Map<?, ?> setting)) {
                throw refusal(file, "has the setting '" + entry.getKey() + "' that is no object");
            }
            settings.put(entry.getKey(), setting(entry.getKey(), setting));
        }
        return settings;
    }

    private Setting setting(String key, Map<?, ?> setting) {
        Object type = setting.get("type");
        if (type == null || !TYPES.contains(type.toString())) {
            throw refusal(
                    file,
                    "gives the setting '"
                            + key
                            + "' the type '"
                            + type
                            + "'; it is one of string, integer, boolean");
        }
        Object defaultValue = setting.get("default");
        Object doc = setting.get("doc");
        return new Setting(
                type.toString(),
                defaultValue == null ? null : defaultValue.toString(),
                doc == null ? "" : doc.toString(),
                Boolean.TRUE.equals(setting.get("secret")));
    }

    private Map<String, @Nullable Object> object(String field) {
        if (!(fields.get(field) instanceof Map<?, ?> map)) {
            throw refusal(file, "lacks the object '" + field + "'");
        }
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    private <E extends Enum<E>> E choice(String field, Class<E> type, @Nullable String absent) {
        String value = absent == null ? text(field) : absent;
        var names = new ArrayList<String>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(value)) {
                return constant;
            }
            names.add(name);
        }
        throw refusal(file, "has '" + field + "': '" + value + "'; it is one of " + names);
    }

    private String text(String field) {
        if (fields.get(field) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw refusal(file, "lacks the field '" + field + "'");
    }

    private static RefusedException refusal(String file, String what) {
        return new RefusedException(
                Reason.INVALID_REQUEST, file + ": " + PluginDescriptor.PATH + " " + what);
    }
}
