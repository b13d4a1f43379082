// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

final class RecordCodecTest {
    private static final UUID ID = new UUID(1, 2);
    private static final List<MetadataRecord> ONE_OF_EACH =
            List.of(
                    new MetadataRecord.ClusterNamed("c"),
                    new MetadataRecord.TopicCreated(ID, "t", "n", true, false, Map.of("a", "b")),
                    new MetadataRecord.TopicConfigured(ID, Map.of("c", "d")),
                    new MetadataRecord.GenerationPut(ID, 0, "memory", 4),
                    new MetadataRecord.PartitionPut(ID, 0, 2, 3, 4, 5),
                    new MetadataRecord.TopicDeleted(ID),
                    new MetadataRecord.UserPut("t", "ann", "pbkdf2"),
                    new MetadataRecord.UserRemoved("t", "ann"),
                    new MetadataRecord.RulePut(
                            "r", "t", "DENY", "User:*", "*", "TOPIC", "PREFIX", "x", "READ"),
                    new MetadataRecord.RuleRemoved("r"),
                    new MetadataRecord.PluginPut("p", "auth", "1.2", "sha256:0", "STOPPED"),
                    new MetadataRecord.PluginRemoved("p"),
                    new MetadataRecord.ConnectorPut(
                            "c", "t", "p", List.of("orders"), Map.of("url", "u"), false),
                    new MetadataRecord.ConnectorRemoved("c"),
                    new MetadataRecord.ProducerIdsTaken(1_000));

    @Test
    void everyRecordComesBackAsItWas() throws Exception {
        assertThat(ONE_OF_EACH).hasSize(MetadataRecord.class.getPermittedSubclasses().length);
        RecordCodec.Entry entry = new RecordCodec.Entry(7, "p-1", ONE_OF_EACH);
        assertThat(RecordCodec.read(RecordCodec.write(entry))).isEqualTo(entry);
    }

    @Test
    void everyRecordReplays() {
        assertThat(Replay.apply(MetadataImage.EMPTY, ONE_OF_EACH).nextProducerId())
                .isEqualTo(1_000);
    }

    @Test
    void refusesWhatANewerVersionWrote() {
        assertThatThrownBy(() -> read("{'type':'topic-deleted','version':3,'data':{}}"))
                .hasMessageContaining("'topic-deleted' in version 3")
                .hasMessageContaining("understands 1");
        assertThatThrownBy(() -> read("{'type':'moon','version':2,'data':{}}"))
                .hasMessageContaining("'moon', version 2");
        assertThatThrownBy(
                        () -> read("{'type':'rule-removed','version':1,'data':{'id':'r','x':1}}"))
                .isInstanceOf(MetadataFormatException.class);
    }

    private static void read(String record) throws MetadataFormatException {
        String entry = "{'base':0,'proposal':'p','records':[" + record + "]}";
        RecordCodec.read(entry.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
