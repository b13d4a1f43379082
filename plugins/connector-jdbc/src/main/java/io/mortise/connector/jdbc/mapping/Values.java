// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.UUID;

/** JSON values to what a column of some type takes, refusing what would be cut or bent. */
final class Values {
    private Values() {}

    /** Converts one value; null for JSON null. */
    static @Nullable Object convert(Column column, JsonNode value) throws UnfitRecordException {
        if (value.isNull()) {
            if (!column.nullable()) {
                throw new UnfitRecordException("column '" + column.name() + "' must not be NULL");
            }
            return null;
        }
        return switch (column.sqlType()) {
            case Types.SMALLINT -> (short) integer(column, value, Short.MIN_VALUE, Short.MAX_VALUE);
            case Types.INTEGER ->
                    (int) integer(column, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case Types.BIGINT -> integer(column, value, Long.MIN_VALUE, Long.MAX_VALUE);
            case Types.NUMERIC, Types.DECIMAL -> decimal(column, value);
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> decimal(column, value).doubleValue();
            case Types.BIT, Types.BOOLEAN -> bool(column, value);
            case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR -> text(column, value);
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> bytes(column, value);
            case Types.DATE, Types.TIME, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE ->
                    moment(column, value);
            default -> other(column, value);
        };
    }

    private static long integer(Column column, JsonNode value, long least, long greatest)
            throws UnfitRecordException {
        BigDecimal number = decimal(column, value);
        boolean fits =
                number.stripTrailingZeros().scale() <= 0
                        && number.compareTo(BigDecimal.valueOf(least)) >= 0
                        && number.compareTo(BigDecimal.valueOf(greatest)) <= 0;
        if (!fits) {
            throw wrong(column, value);
        }
        return number.longValue();
    }

    // Numbers written as text are accepted: a record's key is always text.
    private static BigDecimal decimal(Column column, JsonNode value) throws UnfitRecordException {
        if (value.isNumber()) {
            return value.decimalValue();
        }
        if (value.isTextual()) {
            try {
                return new BigDecimal(value.textValue());
            } catch (NumberFormatException e) {
                throw wrong(column, value);
            }
        }
        throw wrong(column, value);
    }

    private static boolean bool(Column column, JsonNode value) throws UnfitRecordException {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isTextual()
                && (value.textValue().equals("true") || value.textValue().equals("false"))) {
            return Boolean.parseBoolean(value.textValue());
        }
        throw wrong(column, value);
    }

    private static String text(Column column, JsonNode value) throws UnfitRecordException {
        if (!value.isTextual()) {
            throw wrong(column, value);
        }
        String text = value.textValue();
        int characters = text.codePointCount(0, text.length());
        if (column.size() > 0 && characters > column.size()) {
            throw new UnfitRecordException(
                    "column '"
                            + column.name()
                            + "' takes "
                            + column.size()
                            + " characters, the value has "
                            + characters);
        }
        if (text.indexOf('\0') >= 0) {
            throw new UnfitRecordException(
                    "column '" + column.name() + "' takes no NUL character (PostgreSQL)");
        }
        return text;
    }

    private static byte[] bytes(Column column, JsonNode value) throws UnfitRecordException {
        try {
            return Base64.getDecoder().decode(value.textValue());
        } catch (IllegalArgumentException | NullPointerException e) {
            throw wrong(column, value);
        }
    }

    private static Object moment(Column column, JsonNode value) throws UnfitRecordException {
        if (!value.isTextual()) {
            throw wrong(column, value);
        }
        String text = value.textValue();
        try {
            return switch (column.sqlType()) {
                case Types.DATE -> LocalDate.parse(text);
                case Types.TIME -> LocalTime.parse(text);
                default ->
                        column.typeName().equals("timestamptz")
                                ? OffsetDateTime.parse(text)
                                : LocalDateTime.parse(text);
            };
        } catch (DateTimeException e) {
            throw wrong(column, value);
        }
    }

    private static Object other(Column column, JsonNode value) throws UnfitRecordException {
        return switch (column.typeName()) {
            case "json", "jsonb" -> value.toString();
            case "uuid" -> uuid(column, value);
            default ->
                    throw new UnfitRecordException(
                            "column '"
                                    + column.name()
                                    + "' is of type "
                                    + column.typeName()
                                    + ", which this connector does not write");
        };
    }

    private static UUID uuid(Column column, JsonNode value) throws UnfitRecordException {
        try {
            return UUID.fromString(value.asText());
        } catch (IllegalArgumentException e) {
            throw wrong(column, value);
        }
    }

    private static UnfitRecordException wrong(Column column, JsonNode value) {
        return new UnfitRecordException(
                "column '"
                        + column.name()
                        + "' is of type "
                        + column.typeName()
                        + ", which a JSON "
                        + value.getNodeType()
                        + " of "
                        + value.toString().length()
                        + " characters does not fit");
    }
}
