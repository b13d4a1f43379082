// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

import io.mortise.spi.connector.SinkRecord;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What one record becomes.
 *
 * @param columns in the order of {@code values}; rows with equal columns share a statement
 * @param values ready for {@code setObject} with the column's type
 * @param delete the row of this key goes; {@code columns} are the key's alone
 */
public record Row(
        SinkRecord source, List<Column> columns, List<@Nullable Object> values, boolean delete) {
    /** Whether one prepared statement can write both. */
    public boolean sameShape(Row other) {
        return delete == other.delete && columns.equals(other.columns);
    }
}
