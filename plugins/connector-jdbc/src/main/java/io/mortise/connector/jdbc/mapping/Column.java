// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

/**
 * A column as the database describes it.
 *
 * @param sqlType of {@link java.sql.Types}
 * @param typeName the database's own name, e.g. {@code jsonb}
 * @param size characters of a text type, digits of a number; 0 where there is no limit
 * @param nullable whether it takes NULL
 * @param filledIn whether the database gives it a value when none is given
 */
public record Column(
        String name, int sqlType, String typeName, int size, boolean nullable, boolean filledIn) {}
