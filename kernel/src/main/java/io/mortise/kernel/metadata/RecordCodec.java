// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records as JSON: {@code {"type": "topic", "version": 1, "data": {...}}}. Tags and versions stand
 * in one table, never in a class name. Unknown types, unknown fields and newer versions are
 * refused: applying half of a record would let nodes differ.
 */
final class RecordCodec {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final List<Kind> KINDS =
            List.of(
                    new Kind("cluster", 1, MetadataRecord.ClusterNamed.class),
                    new Kind("topic", 1, MetadataRecord.TopicCreated.class),
                    new Kind("topic-deleted", 1, MetadataRecord.TopicDeleted.class),
                    new Kind("topic-configs", 1, MetadataRecord.TopicConfigured.class),
                    new Kind("generation", 1, MetadataRecord.GenerationPut.class),
                    new Kind("partition", 1, MetadataRecord.PartitionPut.class),
                    new Kind("user", 1, MetadataRecord.UserPut.class),
                    new Kind("user-removed", 1, MetadataRecord.UserRemoved.class),
                    new Kind("rule", 1, MetadataRecord.RulePut.class),
                    new Kind("rule-removed", 1, MetadataRecord.RuleRemoved.class),
                    new Kind("plugin", 1, MetadataRecord.PluginPut.class),
                    new Kind("plugin-removed", 1, MetadataRecord.PluginRemoved.class),
                    new Kind("connector", 1, MetadataRecord.ConnectorPut.class),
                    new Kind("connector-removed", 1, MetadataRecord.ConnectorRemoved.class),
                    new Kind("producer-ids", 1, MetadataRecord.ProducerIdsTaken.class));
    private static final Map<String, Kind> BY_TAG = new HashMap<>();
    private static final Map<Class<?>, Kind> BY_CLASS = new HashMap<>();

    static {
        for (Kind kind : KINDS) {
            BY_TAG.put(kind.tag, kind);
            BY_CLASS.put(kind.type, kind);
        }
    }

    private record Kind(String tag, int version, Class<? extends MetadataRecord> type) {}

    private RecordCodec() {}

    /**
     * One commit.
     *
     * @param base version of the image that the records were decided against
     * @param proposal names the proposer's attempt
     */
    record Entry(long base, String proposal, List<MetadataRecord> records) {}

    static byte[] write(Entry entry) {
        ObjectNode node = JSON.createObjectNode();
        node.put("base", entry.base);
        node.put("proposal", entry.proposal);
        ArrayNode records = node.putArray("records");
        entry.records.forEach(record -> records.add(write(record)));
        try {
            return JSON.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new IllegalStateException("metadata records are always writable", e);
        }
    }

    static Entry read(byte[] bytes) throws MetadataFormatException {
        try {
            JsonNode node = JSON.readTree(bytes);
            List<MetadataRecord> records = new ArrayList<>();
            for (JsonNode record : node.path("records")) {
                records.add(read(record));
            }
            return new Entry(node.path("base").asLong(), node.path("proposal").asText(), records);
        } catch (MetadataFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new MetadataFormatException(
                    "a metadata entry cannot be read: " + e.getMessage(), e);
        }
    }

    private static ObjectNode write(MetadataRecord record) {
        Kind kind = BY_CLASS.get(record.getClass());
        if (kind == null) {
            throw new IllegalStateException("no tag for " + record.getClass());
        }
        ObjectNode node = JSON.createObjectNode();
        node.put("type", kind.tag);
        node.put("version", kind.version);
        node.set("data", JSON.valueToTree(record));
        return node;
    }

    private static MetadataRecord read(JsonNode node) throws IOException {
        String tag = node.path("type").asText();
        int version = node.path("version").asInt();
        Kind kind = BY_TAG.get(tag);
        if (kind == null) {
            throw new MetadataFormatException(
                    "metadata holds a record of type '"
                            + tag
                            + "', version "
                            + version
                            + ", which this version of Mortise does not know; start the newer one"
                            + " that wrote it");
        }
        if (version > kind.version) {
            throw new MetadataFormatException(
                    "metadata holds a record of type '"
                            + tag
                            + "' in version "
                            + version
                            + ", this version of Mortise understands "
                            + kind.version
                            + " and below");
        }
        return JSON.treeToValue(node.path("data"), kind.type);
    }
}
