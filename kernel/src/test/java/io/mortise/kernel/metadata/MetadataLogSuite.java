// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataRecord.PartitionPut;
import io.mortise.kernel.metadata.MetadataRecord.TopicCreated;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What every carrier of metadata must do; {@link #carrier} opens the same data each time. */
public abstract class MetadataLogSuite {
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("metadata-test");
    private final Random random = new Random(42);
    private Metadata metadata;

    /** A carrier over this test's data, not started. */
    protected abstract MetadataLog carrier() throws Exception;

    @BeforeEach
    void open() throws Exception {
        metadata = Metadata.open(carrier(), scheduler, random);
    }

    @AfterEach
    void close() throws Exception {
        metadata.close();
        scheduler.close();
    }

    private void reopen() throws Exception {
        metadata.close();
        open();
    }

    @Test
    void keepsWhatWasCommitted() throws Exception {
        await(metadata.nameCluster("cluster-of-22-characte"));
        TopicId topic = await(createTopic("factory", 4));
        assertThat(await(metadata.nextLeaderEpoch(topic, 2))).isEqualTo(1);
        reopen();
        MetadataImage image = metadata.image();
        assertThat(image.clusterId()).isEqualTo("cluster-of-22-characte");
        TopicEntry found = image.topic(TenantId.DEFAULT, "factory");
        assertThat(found).isNotNull();
        assertThat(found.id()).isEqualTo(topic);
        assertThat(found.partitions())
                .extracting(PartitionEntry::leaderEpoch)
                .containsExactly(0, 0, 1, 0);
        assertThat(found.configs()).containsEntry("durability", "OS");
    }

    @Test
    void keepsItsStateAcrossSnapshots() throws Exception {
        for (int i = 0; i < 20; i++) {
            await(createTopic("before-" + i, 1));
        }
        metadata.snapshot();
        await(createTopic("between", 2));
        metadata.snapshot();
        MetadataImage before = metadata.image();
        reopen();
        assertThat(ImageRecords.between(before, metadata.image())).isEmpty();
        assertThat(metadata.image().version()).isEqualTo(before.version());
        await(createTopic("after", 1));
        reopen();
        assertThat(metadata.image().topic(TenantId.DEFAULT, "after")).isNotNull();
        assertThat(metadata.image().topics().size()).isEqualTo(22);
    }

    @Test
    void decidesCommandsAgainstEachOther() throws Exception {
        List<CompletionStage<TopicId>> creations = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            creations.add(createTopic("same", 1));
        }
        int won = 0;
        for (CompletionStage<TopicId> creation : creations) {
            try {
                await(creation);
                won++;
            } catch (CompletionException e) {
                assertThat(((RefusedException) e.getCause()).refusal().reason())
                        .isEqualTo(Reason.TOPIC_EXISTS);
            }
        }
        assertThat(won).isEqualTo(1);
    }

    @Test
    void neverGivesAProducerIdTwice() throws Exception {
        long first = await(metadata.allocateProducerIds()).first();
        long second = await(metadata.allocateProducerIds()).first();
        reopen();
        var third = await(metadata.allocateProducerIds());
        assertThat(second).isGreaterThanOrEqualTo(first + third.count());
        assertThat(third.first()).isGreaterThanOrEqualTo(second + third.count());
    }

    @Test
    void tellsListenersThePresentAndThenEveryChange() throws Exception {
        await(createTopic("old", 1));
        MetadataImage[] replayed = {MetadataImage.EMPTY};
        var registration =
                metadata.onChange(
                        (before, _, records) -> {
                            assertThat(ImageRecords.between(before, replayed[0])).isEmpty();
                            replayed[0] = Replay.apply(replayed[0], records);
                        });
        await(createTopic("new", 1));
        assertThat(replayed[0].topic(TenantId.DEFAULT, "old")).isNotNull();
        assertThat(replayed[0].topic(TenantId.DEFAULT, "new")).isNotNull();
        registration.close();
        await(createTopic("unheard", 1));
        assertThat(replayed[0].topic(TenantId.DEFAULT, "unheard")).isNull();
    }

    @Test
    void aRefusedOrBrokenCommandHarmsNoOther() throws Exception {
        CompletionStage<Object> broken =
                metadata.change(
                        _ -> {
                            throw new IllegalArgumentException("a bug");
                        });
        CompletionStage<TopicId> good = createTopic("good", 1);
        assertThatThrownBy(() -> await(broken)).hasCauseInstanceOf(RefusedException.class);
        await(good);
        assertThat(metadata.image().topics().size()).isEqualTo(1);
    }

    private CompletionStage<TopicId> createTopic(String name, int partitions) {
        TopicId id = new TopicId(new UUID(random.nextLong(), random.nextLong()));
        return metadata.change(
                image -> {
                    if (image.topic(TenantId.DEFAULT, name) != null) {
                        throw new RefusedException(Reason.TOPIC_EXISTS, name);
                    }
                    List<MetadataRecord> records = new ArrayList<>();
                    records.add(
                            new TopicCreated(
                                    id.uuid(),
                                    "default",
                                    name,
                                    false,
                                    false,
                                    Map.of("durability", "OS")));
                    for (int i = 0; i < partitions; i++) {
                        records.add(new PartitionPut(id.uuid(), i, 0, 0, i, 0));
                    }
                    return new Change<>(records, id);
                });
    }

    public static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }
}
