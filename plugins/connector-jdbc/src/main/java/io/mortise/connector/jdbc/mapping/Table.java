// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A table and its columns.
 *
 * @param name as the settings give it, with its schema if there was one
 */
public record Table(String name, Map<String, Column> columns) {
    public Table {
        columns = new LinkedHashMap<>(columns);
    }

    /** The column of that name, or null. */
    public @Nullable Column column(String column) {
        return columns.get(column);
    }

    /** All columns in the table's order. */
    public Collection<Column> all() {
        return columns.values();
    }
}
