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

/**
 * Text of a descriptor to {@link PluginDescriptor}, or a refusal that names the file and every
 * field that is wrong.
 */
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

    private final Map<String, @Nullable Object> fields;
    private final List<String> faults = new ArrayList<>();

    private DescriptorParser(Map<String, @Nullable Object> fields) {
        this.fields = fields;
    }

    /**
     * Parses.
     *
     * @param file the bundle's name, for messages
     */
    static PluginDescriptor parse(String file, byte[] json) {
        try {
            var parser = new DescriptorParser(Json.object(json));
            PluginDescriptor descriptor = parser.descriptor();
            if (parser.faults.isEmpty()) {
                return descriptor;
            }
            throw refusal(file, String.join("; ", parser.faults));
        } catch (IOException malformed) {
            throw refusal(file, "is not a JSON object: " + malformed.getMessage());
        }
    }

    private PluginDescriptor descriptor() {
        for (String field : fields.keySet()) {
            if (!FIELDS.contains(field)) {
                faults.add("has the unknown field '" + field + "'");
            }
        }
        String id = id();
        PluginKind kind = choice("kind", PluginKind.class, null);
        String version = version();
        Map<String, String> ranges = ranges();
        return new PluginDescriptor(
                id,
                kind,
                version,
                ranges,
                provides(ranges.keySet()),
                settings(),
                text("licence"),
                choice("upgrade", Upgrade.class, fields.containsKey("upgrade") ? null : "live"),
                flag("exclusive"));
    }

    private String id() {
        String id = text("id");
        if (!id.isEmpty() && !id.matches("[a-z0-9][a-z0-9-]{0,63}")) {
            faults.add("has the id '" + id + "'; an id is 1 to 64 of [a-z0-9-]");
        }
        return id;
    }

    private String version() {
        String version = text("version");
        if (!version.isEmpty() && !version.matches("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")) {
            faults.add(
                    "has the version '" + version + "'; a version is 1 to 64 of [A-Za-z0-9._+-]");
        }
        return version;
    }

    private Map<String, String> ranges() {
        var ranges = new LinkedHashMap<String, String>();
        for (Map.Entry<String, @Nullable Object> entry : object("spi").entrySet()) {
            String range = String.valueOf(entry.getValue());
            try {
                VersionRange.valueOf(range);
                ranges.put(entry.getKey(), range);
            } catch (IllegalArgumentException malformed) {
                faults.add(
                        "gives spi.%s the range '%s', which is none"
                                .formatted(entry.getKey(), range));
            }
        }
        return ranges;
    }

    private List<String> provides(Set<String> packages) {
        if (!(fields.get("provides") instanceof List<?> names) || names.isEmpty()) {
            faults.add("lacks the list 'provides' of SPI interfaces");
            return List.of();
        }
        List<String> provides = names.stream().map(String::valueOf).toList();
        for (String name : Set.copyOf(provides)) {
            String home = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            if (faults.isEmpty() && !packages.contains(home)) {
                faults.add("provides %s, but gives no range for spi.%s".formatted(name, home));
            }
        }
        if (Set.copyOf(provides).size() < provides.size()) {
            faults.add("names an interface twice in 'provides'");
        }
        return provides;
    }

    private Map<String, Setting> settings() {
        var settings = new LinkedHashMap<String, Setting>();
        if (!fields.containsKey("config")) {
            return settings;
        }
        for (Map.Entry<String, @Nullable Object> entry : object("config").entrySet()) {
            if (entry.getValue() instanceof Map<?, ?> setting) {
                var schema = new SettingSchema(entry.getKey(), setting, faults);
                settings.put(entry.getKey(), schema.setting());
            } else {
                faults.add("has the setting '" + entry.getKey() + "' that is no object");
            }
        }
        return settings;
    }

    private Map<String, @Nullable Object> object(String field) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        if (fields.get(field) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        } else {
            faults.add("lacks the object '" + field + "'");
        }
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
        if (!value.isEmpty()) {
            faults.add("has '" + field + "': '" + value + "'; it is one of " + names);
        }
        return type.getEnumConstants()[0];
    }

    private boolean flag(String field) {
        Object value = fields.getOrDefault(field, false);
        if (!(value instanceof Boolean)) {
            faults.add("has '" + field + "': '" + value + "'; it is true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private String text(String field) {
        if (fields.get(field) instanceof String text && !text.isEmpty()) {
            return text;
        }
        faults.add("lacks the field '" + field + "'");
        return "";
    }

    private static RefusedException refusal(String file, String what) {
        return new RefusedException(
                Reason.INVALID_REQUEST, file + ": " + PluginDescriptor.PATH + " " + what);
    }
}
