// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import java.util.HashMap;
import java.util.Map;

/** Arguments of the form --key=value. */
public final class Options {
    private final Map<String, String> values = new HashMap<>();

    public Options(String[] arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException("not --key=value: " + argument);
            }
            values.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
    }

    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("--" + key + "=... is missing");
        }
        return value;
    }

    public int number(String key, int defaultValue) {
        String value = values.get(key);
        return value == null ? defaultValue : Integer.parseInt(value);
    }

    public int number(String key) {
        return Integer.parseInt(text(key));
    }
}
