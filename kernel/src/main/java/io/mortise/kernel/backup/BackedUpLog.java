// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A log in a backup.
 *
 * @param topic its name
 * @param engine that keeps it
 * @param leaderEpoch under which it was led then
 * @param extentBytes the topic's {@code segment.bytes}
 * @param startOffset first offset
 * @param endOffset the high watermark then: one past the last offset that is copied
 */
public record BackedUpLog(
        LogId id,
        String topic,
        String engine,
        int leaderEpoch,
        int extentBytes,
        long startOffset,
        long endOffset) {
    ByteBuffer encode() {
        byte[] tenant = BackupFormat.bytes(id.tenant().name());
        byte[] name = BackupFormat.bytes(topic);
        byte[] kept = BackupFormat.bytes(engine);
        ByteBuffer target = ByteBuffer.allocate(54 + tenant.length + name.length + kept.length);
        BackupFormat.put(target, tenant);
        UUID uuid = id.topicId().uuid();
        target.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        target.putInt(id.partition());
        target.putShort((short) id.generation()).putShort((short) id.shard());
        BackupFormat.put(target, name);
        BackupFormat.put(target, kept);
        target.putInt(leaderEpoch).putInt(extentBytes).putLong(startOffset).putLong(endOffset);
        return target.flip();
    }

    static BackedUpLog decode(ByteBuffer source) {
        var tenant = new TenantId(BackupFormat.text(source));
        var topicId = new TopicId(new UUID(source.getLong(), source.getLong()));
        int partition = source.getInt();
        int generation = Short.toUnsignedInt(source.getShort());
        int shard = Short.toUnsignedInt(source.getShort());
        var id = new LogId(tenant, topicId, partition, shard, generation);
        return new BackedUpLog(
                id,
                BackupFormat.text(source),
                BackupFormat.text(source),
                source.getInt(),
                source.getInt(),
                source.getLong(),
                source.getLong());
    }

    /** For people. */
    String name() {
        return "topic '" + topic + "' partition " + id.partition();
    }
}
