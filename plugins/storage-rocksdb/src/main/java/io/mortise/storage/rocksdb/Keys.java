// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The bytes of keys: big-endian, so that they lie in the order of their numbers. */
final class Keys {
    /** Bytes of a log's number and an offset. */
    static final int SIZE = 2 * Long.BYTES;

    private static final int LOG_FIXED = 2 * Long.BYTES + 2 * Integer.BYTES;

    private Keys() {}

    /** A batch goes by its last offset, so that seeking an offset finds the batch that holds it. */
    static byte[] of(long log, long offset) {
        return ByteBuffer.allocate(SIZE).putLong(log).putLong(offset).array();
    }

    static byte[] of(LogId id) {
        byte[] tenant = id.tenant().name().getBytes(StandardCharsets.UTF_8);
        UUID topic = id.topicId().uuid();
        return ByteBuffer.allocate(LOG_FIXED + tenant.length)
                .putLong(topic.getMostSignificantBits())
                .putLong(topic.getLeastSignificantBits())
                .putInt(id.partition())
                .putShort((short) id.generation())
                .putShort((short) id.shard())
                .put(tenant)
                .array();
    }

    static LogId logId(byte[] key) {
        ByteBuffer from = ByteBuffer.wrap(key);
        var topic = new TopicId(new UUID(from.getLong(), from.getLong()));
        int partition = from.getInt();
        int generation = Short.toUnsignedInt(from.getShort());
        int shard = Short.toUnsignedInt(from.getShort());
        String tenant = new String(key, LOG_FIXED, key.length - LOG_FIXED, StandardCharsets.UTF_8);
        return new LogId(new TenantId(tenant), topic, partition, shard, generation);
    }
}
