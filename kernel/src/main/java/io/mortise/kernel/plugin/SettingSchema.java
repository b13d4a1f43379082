// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginDescriptor.Setting;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One entry of a descriptor's {@code config}.
 *
 * @param faults gets what is wrong with it
 */
record SettingSchema(String key, Map<?, ?> fields, List<String> faults) {
    private static final Set<String> FIELDS = Set.of("type", "default", "doc", "secret");
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");

    Setting setting() {
        String type = String.valueOf(fields.get("type"));
        Object given = fields.get("default");
        String defaultValue = given == null ? null : given.toString();
        Object doc = fields.get("doc");
        Object secret = fields.get("secret");
        judge(type, defaultValue, secret);
        return new Setting(
                type, defaultValue, doc == null ? "" : doc.toString(), Boolean.TRUE.equals(secret));
    }

    private void judge(String type, @Nullable String defaultValue, @Nullable Object secret) {
        for (Object field : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(field))) {
                faults.add("gives the setting '" + key + "' the unknown field '" + field + "'");
            }
        }
        if (!TYPES.contains(type)) {
            faults.add(
                    "gives the setting '%s' the type '%s'; it is one of string, integer, boolean"
                            .formatted(key, type));
        } else if (defaultValue != null && !SettingsCheck.fits(type, defaultValue)) {
            faults.add(
                    "gives the setting '%s' the default '%s', which is no %s"
                            .formatted(key, defaultValue, type));
        }
        if (secret != null && !(secret instanceof Boolean)) {
            faults.add("says of the setting '" + key + "' neither true nor false for 'secret'");
        }
    }
}
