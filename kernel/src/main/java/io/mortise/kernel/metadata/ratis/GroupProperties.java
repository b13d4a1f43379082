// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How Ratis is set up. */
final class GroupProperties {
    /** Room for an entry of ten thousand partitions. */
    private static final SizeInBytes ENTRY_BYTES = SizeInBytes.valueOf("4MB");

    /** Must exceed the largest entry with its header. */
    private static final SizeInBytes WRITE_BUFFER_BYTES = SizeInBytes.valueOf("5MB");

    private static final long SNAPSHOT_ENTRIES = 10_000;

    private GroupProperties() {}

    static RaftPeerId id(int nodeId) {
        return RaftPeerId.valueOf("node" + nodeId);
    }

    static RaftGroup group(RatisSettings settings) {
        List<RaftPeer> peers =
                settings.peers().stream()
                        .map(
                                peer ->
                                        RaftPeer.newBuilder()
                                                .setId(id(peer.id()))
                                                .setAddress(peer.host() + ":" + peer.port())
                                                .build())
                        .toList();
        return RaftGroup.valueOf(groupId(settings.clusterId()), peers);
    }

    /** The cluster id is sixteen bytes, and so is a group's. */
    private static RaftGroupId groupId(String clusterId) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(clusterId));
        return RaftGroupId.valueOf(new UUID(bytes.getLong(), bytes.getLong()));
    }

    static RaftProperties of(RatisSettings settings) {
        RaftProperties properties = new RaftProperties();
        GrpcConfigKeys.Server.setHost(properties, settings.self().host());
        GrpcConfigKeys.Server.setPort(properties, settings.self().port());
        RaftServerConfigKeys.setStorageDir(properties, List.of(settings.directory().toFile()));
        elections(properties, settings);
        log(properties);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, SNAPSHOT_ENTRIES);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, true);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, seconds(3));
        return properties;
    }

    private static void elections(RaftProperties properties, RatisSettings settings) {
        TimeDuration least = millis(settings.electionMinMillis());
        TimeDuration most = millis(settings.electionMaxMillis());
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, least);
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, most);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, least);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, most);
    }

    private static void log(RaftProperties properties) {
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("16MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, WRITE_BUFFER_BYTES);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, ENTRY_BYTES);
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }

    private static TimeDuration seconds(long seconds) {
        return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
    }
}
