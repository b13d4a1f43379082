// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Calls of Kafka's administration client that are not served: each says so at once, instead of
 * trying until it times out. The plugin's README lists them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnsupportedCallsTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final String ID = "some";

    private KafkaBroker broker;
    private Admin admin;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = new KafkaBroker(data);
        admin = broker.admin();
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
    }

    @AfterAll
    void stop() {
        admin.close();
        broker.close();
    }

    @TestFactory
    Stream<DynamicTest> eachSaysSo() {
        Map<String, Function<Admin, KafkaFuture<?>>> calls = new TreeMap<>(transactions());
        calls.putAll(groups());
        calls.putAll(security());
        calls.putAll(cluster());
        return calls.entrySet().stream()
                .map(it -> DynamicTest.dynamicTest(it.getKey(), () -> refused(it.getValue())));
    }

    private void refused(Function<Admin, KafkaFuture<?>> call) {
        assertThatThrownBy(() -> call.apply(admin).get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UnsupportedVersionException.class);
    }

    private static Map<String, Function<Admin, KafkaFuture<?>>> transactions() {
        var abort = new AbortTransactionSpec(T0, 1, (short) 0, 0);
        return Map.of(
                "abortTransaction", it -> it.abortTransaction(abort).all(),
                "describeProducers", it -> it.describeProducers(List.of(T0)).all(),
                "describeTransactions", it -> it.describeTransactions(List.of(ID)).all(),
                "fenceProducers", it -> it.fenceProducers(List.of(ID)).all(),
                "forceTerminateTransaction", it -> it.forceTerminateTransaction(ID).result(),
                "listTransactions", it -> it.listTransactions().all());
    }

    private static Map<String, Function<Admin, KafkaFuture<?>>> groups() {
        var all = Map.of(ID, new ListShareGroupOffsetsSpec());
        return Map.of(
                "alterShareGroupOffsets", it -> it.alterShareGroupOffsets(ID, Map.of(T0, 0L)).all(),
                "deleteShareGroupOffsets", it -> it.deleteShareGroupOffsets(ID, Set.of("t")).all(),
                "describeShareGroups", it -> it.describeShareGroups(List.of(ID)).all(),
                "describeStreamsGroups", it -> it.describeStreamsGroups(List.of(ID)).all(),
                "listShareGroupOffsets", it -> it.listShareGroupOffsets(all).all());
    }

    private static Map<String, Function<Admin, KafkaFuture<?>>> security() {
        var rule =
                new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, "t", PatternType.LITERAL),
                        new AccessControlEntry(
                                "User:a", "*", AclOperation.READ, AclPermissionType.ALLOW));
        var scram = new UserScramCredentialDeletion("a", ScramMechanism.SCRAM_SHA_256);
        byte[] token = {1};
        return Map.of(
                "alterUserScramCredentials",
                        it -> it.alterUserScramCredentials(List.of(scram)).all(),
                "createAcls", it -> it.createAcls(List.of(rule)).all(),
                "createDelegationToken", it -> it.createDelegationToken().delegationToken(),
                "deleteAcls", it -> it.deleteAcls(List.of(AclBindingFilter.ANY)).all(),
                "describeAcls", it -> it.describeAcls(AclBindingFilter.ANY).values(),
                "describeDelegationToken", it -> it.describeDelegationToken().delegationTokens(),
                "describeUserScramCredentials", it -> it.describeUserScramCredentials().all(),
                "expireDelegationToken", it -> it.expireDelegationToken(token).expiryTimestamp(),
                "renewDelegationToken", it -> it.renewDelegationToken(token).expiryTimestamp());
    }

    private static Map<String, Function<Admin, KafkaFuture<?>>> cluster() {
        var entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "a"));
        var quota =
                new ClientQuotaAlteration(
                        entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1.0)));
        var voter = Set.of(new RaftVoterEndpoint("CONTROLLER", "localhost", 1));
        var replica = new TopicPartitionReplica("t", 0, 0);
        var feature = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
        Map<String, Function<Admin, KafkaFuture<?>>> calls = new TreeMap<>();
        calls.put("addRaftVoter", it -> it.addRaftVoter(1, Uuid.ONE_UUID, voter).all());
        calls.put("alterClientQuotas", it -> it.alterClientQuotas(List.of(quota)).all());
        calls.put(
                "alterPartitionReassignments",
                it -> it.alterPartitionReassignments(Map.of(T0, Optional.empty())).all());
        calls.put("alterReplicaLogDirs", it -> it.alterReplicaLogDirs(Map.of(replica, "/")).all());
        calls.put(
                "describeClientQuotas",
                it -> it.describeClientQuotas(ClientQuotaFilter.all()).entities());
        calls.put("describeMetadataQuorum", it -> it.describeMetadataQuorum().quorumInfo());
        calls.put("electLeaders", it -> it.electLeaders(ElectionType.PREFERRED, Set.of(T0)).all());
        calls.put("listConfigResources", it -> it.listConfigResources().all());
        calls.put(
                "listPartitionReassignments",
                it -> it.listPartitionReassignments().reassignments());
        calls.put("removeRaftVoter", it -> it.removeRaftVoter(1, Uuid.ONE_UUID).all());
        calls.put("unregisterBroker", it -> it.unregisterBroker(9).all());
        calls.put(
                "updateFeatures", it -> it.updateFeatures(Map.of("group.version", feature)).all());
        return calls;
    }
}
