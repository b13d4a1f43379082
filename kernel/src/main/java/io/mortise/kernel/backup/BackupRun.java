// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.metadata.ImageChunks;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.kernel.metadata.PluginEntry;
import io.mortise.kernel.metadata.TopicEntry;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * Makes one backup while everything goes on.
 *
 * <p>What refers to something must not be ahead of it. So the internal logs (positions of sessions,
 * offsets of groups) are copied first; the ends of all other logs are taken after that, so they lie
 * at or past every offset that is referred to; then plugins' bundles; the metadata last, so that it
 * knows every topic, producer id and user that a log mentions. A topic that came meanwhile is taken
 * out of it again. Compaction waits meanwhile: what it would remove may be the last value in the
 * copy. A log whose start moves past what is being read of it is copied again.
 *
 * <p>One thread; blocks.
 */
public final class BackupRun {
    private static final int TRIES = 20;
    private static final int CHUNK_BYTES = 1 << 20;

    private final BackupSource source;
    private final FileLayer target;
    private final Set<TopicId> kept = new HashSet<>();
    private final Set<String> leftOut = new TreeSet<>();
    private int logs;
    private long batches;
    private long batchBytes;

    /**
     * What was made.
     *
     * @param bytes of the file
     * @param leftOut topics without logs in it: their engine keeps nothing over a restart
     */
    public record Made(int logs, long batches, long bytes, List<String> leftOut) {}

    /** A log and how far it is copied. */
    private record Cut(BrokerTopic topic, int partition, long end) {}

    private BackupRun(BackupSource source, FileLayer target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Writes the backup {@code name}, which must not exist; it has that name only when it is whole
     * and durable.
     *
     * @throws RefusedException it cannot be made; nothing is left
     */
    public static Made create(BackupSource source, FileLayer target, String name) {
        return new BackupRun(source, target).create(name);
    }

    private Made create(String name) {
        String beside = name + ".part";
        try (Registration _ = source.logs().holdCompaction()) {
            if (target.exists(name)) {
                throw new RefusedException(
                        Reason.RESOURCE_EXISTS, name + " exists already; choose another name");
            }
            target.delete(beside); // of a broker that died
            long bytes;
            try (StorageFile file = target.open(beside, OpenMode.CREATE_NEW)) {
                bytes = write(new BackupWriter(file));
            }
            target.rename(beside, name);
            target.forceDirectory("");
            return new Made(logs, batches, bytes, List.copyOf(leftOut));
        } catch (RefusedException refused) {
            discard(beside);
            throw refused;
        } catch (IOException failed) {
            discard(beside);
            throw new RefusedException(
                    Reason.STORAGE_FAILED,
                    "the backup " + name + " cannot be written: " + said(failed) + room());
        }
    }

    private static String said(IOException failed) {
        return failed.getMessage() == null ? failed.toString() : failed.getMessage();
    }

    private String room() {
        try {
            return "; " + target.usableBytes() + " bytes are free there, and nothing was left";
        } catch (IOException unknown) {
            return "";
        }
    }

    private void discard(String beside) {
        try {
            target.delete(beside);
        } catch (IOException stays) {
            // The refusal says what is wrong with that place.
        }
    }

    private long write(BackupWriter out) throws IOException {
        out.frame(BackupFormat.ABOUT, source.about().encode());
        for (BrokerTopic topic : topics(true)) {
            copy(out, ends(List.of(topic)));
        }
        copy(out, ends(topics(false)));
        bundlesAndMetadata(out);
        ByteBuffer end = ByteBuffer.allocate(20).putInt(logs).putLong(batches).putLong(batchBytes);
        out.frame(BackupFormat.END, end.flip());
        out.force();
        return out.position();
    }

    // ---- logs

    private List<BrokerTopic> topics(boolean internal) {
        List<BrokerTopic> found = new ArrayList<>();
        for (TopicEntry entry : source.metadata().image().topics().values()) {
            BrokerTopic topic = source.topics().find(entry.id());
            if (topic != null && topic.internal() == internal) {
                found.add(topic);
            }
        }
        return found;
    }

    private List<Cut> ends(List<BrokerTopic> topics) {
        List<Cut> cuts = new ArrayList<>();
        for (BrokerTopic topic : topics) {
            kept.add(topic.id());
            if (!outlivesRestart(topic)) {
                leftOut.add(topic.name());
                continue;
            }
            for (int i = 0; i < topic.partitionCount(); i++) {
                Partition partition = topic.partition(i);
                cuts.add(new Cut(topic, i, partition == null ? -1 : partition.highWatermark()));
            }
        }
        return cuts;
    }

    private boolean outlivesRestart(BrokerTopic topic) {
        Set<Durability> given = source.logs().engines().get(topic.config("storage.engine"));
        return given == null || given.contains(Durability.DISK) || given.contains(Durability.OS);
    }

    private void copy(BackupWriter out, List<Cut> cuts) throws IOException {
        for (Cut cut : cuts) {
            BackupWriter.Mark mark = out.mark();
            try {
                copy(out, cut, mark);
            } catch (RefusedException refused) {
                if (source.topics().find(cut.topic().id()) != null) {
                    throw refused;
                }
                out.cutTo(mark); // deleted meanwhile, and so taken out of the metadata
            }
        }
    }

    private void copy(BackupWriter out, Cut cut, BackupWriter.Mark mark) throws IOException {
        long end = cut.end();
        for (int i = 0; i < TRIES; i++) {
            var partition = new PatientPartition(cut.topic(), cut.partition(), source.scheduler());
            if (end < 0) {
                end = partition.led().highWatermark();
            }
            if (copied(out, partition, end)) {
                return;
            }
            out.cutTo(mark);
            end = -1; // what lay before the start may have been written anew behind the end
        }
        throw new RefusedException(
                Reason.BUSY,
                "the start of topic '"
                        + cut.topic().name()
                        + "' partition "
                        + cut.partition()
                        + " moves faster than it can be copied");
    }

    /** Whether the whole log was there to be read. */
    private boolean copied(BackupWriter out, PatientPartition from, long end) throws IOException {
        Partition partition = from.led();
        long start = Math.min(partition.logStartOffset(), end);
        BrokerTopic topic = from.topic();
        int generation = topic.generation(); // all that is read becomes one log of the newest
        var log =
                new BackedUpLog(
                        partition.logId().inGeneration(generation),
                        topic.name(),
                        topic.engineOf(generation),
                        partition.leaderEpoch(),
                        Integer.parseInt(topic.config("segment.bytes")),
                        start,
                        end);
        out.frame(BackupFormat.LOG, log.encode());
        var crc = new CRC32C();
        long bytes = 0;
        long count = 0;
        long next = start;
        while (next < end) {
            PatientPartition.Read read = from.read(next, end, CHUNK_BYTES);
            if (read == null) {
                return false;
            }
            if (read.bytes().hasRemaining()) {
                out.frame(BackupFormat.BATCHES, read.bytes());
                crc.update(read.bytes().duplicate());
                bytes += read.bytes().remaining();
                count += read.batches();
            }
            next = read.nextOffset();
        }
        ByteBuffer sums = ByteBuffer.allocate(20).putLong(count).putLong(bytes);
        out.frame(BackupFormat.LOG_END, sums.putInt((int) crc.getValue()).flip());
        logs++;
        batches += count;
        batchBytes += bytes;
        return true;
    }

    // ---- plugins and metadata

    private void bundlesAndMetadata(BackupWriter out) throws IOException {
        BackupWriter.Mark mark = out.mark();
        for (int i = 0; i < TRIES; i++) {
            List<PluginEntry> before = source.metadata().image().plugins().values();
            for (String name : source.plugins().list("")) {
                boolean bundle = name.endsWith(".jar") || name.endsWith(".jar.sig");
                if (bundle && !name.startsWith("upload-")) {
                    bundle(out, name);
                }
            }
            MetadataImage image = source.metadata().image();
            if (image.plugins().values().equals(before)) {
                for (byte[] chunk : ImageChunks.of(image, kept)) {
                    out.frame(BackupFormat.METADATA, ByteBuffer.wrap(chunk));
                }
                return;
            }
            out.cutTo(mark);
        }
        throw new RefusedException(Reason.BUSY, "plugins change faster than they can be copied");
    }

    private void bundle(BackupWriter out, String name) throws IOException {
        BackupWriter.Mark mark = out.mark();
        try (StorageFile file = source.plugins().open(name, OpenMode.READ)) {
            byte[] text = BackupFormat.bytes(name);
            ByteBuffer begin = ByteBuffer.allocate(Short.BYTES + text.length);
            BackupFormat.put(begin, text);
            out.frame(BackupFormat.FILE, begin.flip());
            bytes(out, file);
        } catch (NoSuchFileException gone) {
            out.cutTo(mark);
        }
    }

    private static void bytes(BackupWriter out, StorageFile file) throws IOException {
        var crc = new CRC32C();
        long position = 0;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (file.read(chunk.clear(), position) > 0) {
            chunk.flip();
            crc.update(chunk.duplicate());
            position += chunk.remaining();
            out.frame(BackupFormat.BYTES, chunk);
        }
        ByteBuffer sums = ByteBuffer.allocate(12).putLong(position).putInt((int) crc.getValue());
        out.frame(BackupFormat.FILE_END, sums.flip());
    }
}
