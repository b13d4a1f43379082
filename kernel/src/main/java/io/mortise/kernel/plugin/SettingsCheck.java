// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.config.NearestName;
import io.mortise.kernel.plugin.PluginDescriptor.Setting;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.plugin.PluginConfig;

import java.util.HashMap;
import java.util.Map;

/** Settings from mortise.yaml against the schema in the descriptor. */
final class SettingsCheck {
    private SettingsCheck() {}

    /** Checked settings with defaults filled in, or a refusal that names the line to change. */
    static PluginConfig check(PluginDescriptor descriptor, Map<String, String> given) {
        var values = new HashMap<String, String>();
        descriptor
                .config()
                .forEach(
                        (key, setting) -> {
                            if (setting.defaultValue() != null) {
                                values.put(key, setting.defaultValue());
                            }
                        });
        given.forEach((key, value) -> values.put(key, checked(descriptor, key, value)));
        return new PluginConfig(values);
    }

    private static String checked(PluginDescriptor descriptor, String key, String value) {
        Setting setting = descriptor.config().get(key);
        String line = "plugins." + descriptor.id() + "." + key;
        if (setting == null) {
            throw refusal(line + " is no setting of " + descriptor.title() + hint(descriptor, key));
        }
        if (!fits(setting.type(), value)) {
            String shown = setting.secret() ? "(secret)" : "'" + value + "'";
            throw refusal(line + " is " + shown + ", which is no " + setting.type());
        }
        return value;
    }

    static boolean fits(String type, String value) {
        return switch (type) {
            case "integer" -> value.matches("-?[0-9]{1,18}");
            case "boolean" -> value.equals("true") || value.equals("false");
            default -> true;
        };
    }

    private static String hint(PluginDescriptor descriptor, String key) {
        String nearest = NearestName.of(key, descriptor.config().keySet());
        return nearest == null ? "; it has none like it" : "; did you mean '" + nearest + "'?";
    }

    private static RefusedException refusal(String message) {
        return new RefusedException(Reason.INVALID_CONFIG, "mortise.yaml: " + message);
    }
}
