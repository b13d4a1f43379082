// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import java.nio.ByteBuffer;

/**
 * Whose data a backup holds.
 *
 * @param createdMillis when it was begun
 * @param version of Mortise that made it
 */
public record BackupAbout(long createdMillis, int nodeId, String clusterId, String version) {
    ByteBuffer encode() {
        byte[] cluster = BackupFormat.bytes(clusterId);
        byte[] made = BackupFormat.bytes(version);
        ByteBuffer target = ByteBuffer.allocate(16 + cluster.length + made.length);
        target.putLong(createdMillis).putInt(nodeId);
        BackupFormat.put(target, cluster);
        BackupFormat.put(target, made);
        return target.flip();
    }

    static BackupAbout decode(ByteBuffer source) {
        return new BackupAbout(
                source.getLong(),
                source.getInt(),
                BackupFormat.text(source),
                BackupFormat.text(source));
    }
}
