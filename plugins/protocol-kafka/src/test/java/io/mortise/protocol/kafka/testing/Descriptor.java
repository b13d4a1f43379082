// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The defaults in the plugin's own descriptor, as the kernel would fill them in. */
final class Descriptor {
    private static final Pattern SETTING =
            Pattern.compile("\"([a-z.]+)\": \\{\"type\": \"[a-z]+\", \"default\": ([^,]+),");

    private Descriptor() {}

    static Map<String, String> defaults() throws IOException {
        try (InputStream in =
                Descriptor.class.getResourceAsStream("/META-INF/mortise/plugin.json")) {
            if (in == null) {
                throw new IOException("no descriptor");
            }
            Map<String, String> defaults = new HashMap<>();
            Matcher settings =
                    SETTING.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            while (settings.find()) {
                defaults.put(settings.group(1), settings.group(2).replace("\"", ""));
            }
            return defaults;
        }
    }
}
