// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.mortise.connector.jdbc.mapping.SinkSettings.KeyMode;
import io.mortise.spi.connector.SinkRecord;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Records with JSON objects as values to rows of one table. Pure. */
public final class RowMapper {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final SinkSettings settings;
    private final Table table;

    public RowMapper(SinkSettings settings, Table table) {
        this.settings = settings;
        this.table = table;
    }

    /**
     * Maps one record.
     *
     * @throws UnfitRecordException naming column and fault
     */
    public Row map(SinkRecord record) throws UnfitRecordException {
        byte[] value = record.value();
        if (value == null) {
            return deletion(record);
        }
        JsonNode object = parse(value);
        List<Column> columns = new ArrayList<>();
        List<@Nullable Object> values = new ArrayList<>();
        boolean keyColumn =
                settings.keyMode() == KeyMode.RECORD_KEY && !settings.keyColumns().isEmpty();
        if (keyColumn) {
            Column column = known(settings.keyColumns().getFirst());
            columns.add(column);
            values.add(Values.convert(column, JSON.getNodeFactory().textNode(key(record))));
        }
        for (var member : object.properties()) {
            if (keyColumn && member.getKey().equals(columns.getFirst().name())) {
                continue; // the record's key says it
            }
            Column column = table.column(member.getKey());
            if (column == null) {
                refuseUnknown(member.getKey());
                continue;
            }
            columns.add(column);
            values.add(Values.convert(column, member.getValue()));
        }
        requireAll(columns);
        return new Row(record, columns, values, false);
    }

    private Row deletion(SinkRecord record) throws UnfitRecordException {
        if (!settings.deleteEnabled()) {
            throw new UnfitRecordException(
                    "the record has no value (a tombstone) and delete.enabled is false");
        }
        Column column = known(settings.keyColumns().getFirst());
        Object key = Values.convert(column, JSON.getNodeFactory().textNode(key(record)));
        List<@Nullable Object> values = new ArrayList<>();
        values.add(key);
        return new Row(record, List.of(column), values, true);
    }

    private static JsonNode parse(byte[] value) throws UnfitRecordException {
        JsonNode node;
        try {
            node = JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new UnfitRecordException("the value is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UnfitRecordException("the value is not JSON: " + e.getMessage());
        }
        if (node == null || !node.isObject()) {
            throw new UnfitRecordException(
                    "the value is not a JSON object but "
                            + (node == null || node.isMissingNode()
                                    ? "empty"
                                    : "of type " + node.getNodeType()));
        }
        return node;
    }

    private static String key(SinkRecord record) throws UnfitRecordException {
        byte[] key = record.key();
        if (key == null) {
            throw new UnfitRecordException("pk.mode is record_key, but the record has no key");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
        } catch (CharacterCodingException e) {
            throw new UnfitRecordException("the record's key is not UTF-8 text");
        }
    }

    private Column known(String name) throws UnfitRecordException {
        Column column = table.column(name);
        if (column == null) {
            throw new UnfitRecordException(
                    "table " + table.name() + " has no column '" + name + "' (pk.fields)");
        }
        return column;
    }

    private void refuseUnknown(String member) throws UnfitRecordException {
        if (!settings.ignoreUnknownFields()) {
            throw new UnfitRecordException(
                    "table "
                            + table.name()
                            + " has no column '"
                            + member
                            + "' (unknown.fields is reject)");
        }
    }

    private void requireAll(List<Column> given) throws UnfitRecordException {
        for (Column column : table.all()) {
            if (!column.nullable() && !column.filledIn() && !given.contains(column)) {
                throw new UnfitRecordException(
                        "column '" + column.name() + "' must not be NULL, and the value lacks it");
            }
        }
        for (String name : settings.keyColumns()) {
            if (!given.contains(known(name))) {
                throw new UnfitRecordException("the value lacks '" + name + "' of pk.fields");
            }
        }
    }
}
