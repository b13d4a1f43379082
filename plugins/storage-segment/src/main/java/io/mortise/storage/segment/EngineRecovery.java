// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.Checkpoint.Cut;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Name;
import io.mortise.storage.segment.file.FileType;
import io.mortise.storage.segment.file.Frame;
import io.mortise.storage.segment.file.Rewrite;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads what a former life of the engine left: the checkpoint, the commit files from there on, then
 * each log's own files. Ends with nothing on the disk that could be met again and was not taken
 * over.
 */
final class EngineRecovery implements CommitFile.Visitor {
    private static final String META = "meta";

    /** What to do where what all logs share is damaged. */
    private static final String RESTORE =
            ": no log can be served without it; restore the engine's whole directory from a backup,"
                    + " and check the disk";

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final FileLayer files;
    private final CommitLog commit;
    private final Packs packs;
    private final Map<Long, LogSeed> seeds = new HashMap<>();
    private final List<SegmentLog> logs = new ArrayList<>();
    private final List<LostFrames> lost = new ArrayList<>();
    private final DamageLog damage;
    private long nextLogNumber;

    EngineRecovery(FileLayer files, CommitLog commit, Packs packs, DamageLog damage) {
        this.files = files;
        this.packs = packs;
        this.damage = damage;
        this.commit = commit;
    }

    CommitLog commit() {
        return commit;
    }

    Packs packs() {
        return packs;
    }

    /** The logs, which are no longer known here. */
    List<SegmentLog> takeLogs() {
        var taken = List.copyOf(logs);
        logs.clear();
        return taken;
    }

    long nextLogNumber() {
        return nextLogNumber;
    }

    void run() throws IOException {
        try {
            recover();
        } catch (CorruptLogException corrupt) {
            String problem = String.valueOf(corrupt.getMessage());
            throw problem.contains("from a backup")
                    ? corrupt
                    : new CorruptLogException(problem + RESTORE, corrupt.file(), -1, -1);
        }
    }

    private void recover() throws IOException {
        checkMeta();
        files.createDirectories(CommitFile.DIRECTORY);
        files.createDirectories(ExtentFile.DIRECTORY);
        boolean first = !Checkpoint.exists(files);
        Checkpoint checkpoint = Checkpoint.read(files, this::repairable);
        if (first) {
            requireFirstFile();
            checkpoint.write(files); // from now on one that is gone is damage
        }
        nextLogNumber = checkpoint.nextLogNumber();
        files.forceDirectory(""); // before anything goes that only an older checkpoint needs
        packs.open(checkpoint);
        for (Checkpoint.Entry entry : checkpoint.entries()) {
            var seed = new LogSeed(entry.number(), entry.id(), entry.startOffset(), entry.cut());
            seeds.put(entry.number(), seed);
            entry.packed().forEach(each -> seed.data(packs.found(each)));
        }
        replay(checkpoint);
        recoverLogs();
    }

    private void repairable(String path, String problem) {
        String remedy = "nothing is lost, and it is written anew; check the disk";
        damage.found(new StorageProblem(null, path, -1, -1, problem, remedy));
    }

    /** Files are released once a checkpoint is there: where the first one is gone, so is that. */
    private void requireFirstFile() throws IOException {
        boolean any =
                !files.list(ExtentFile.DIRECTORY).isEmpty()
                        || !files.list(CommitFile.DIRECTORY).isEmpty();
        if (any && !files.exists(CommitFile.path(1))) {
            throw new CorruptLogException(
                    "file 'checkpoint' and its copy are gone, though there are files that it is"
                            + " needed for: without it nobody knows which logs there are; nothing"
                            + " was changed; restore the engine's whole directory from a backup",
                    "checkpoint",
                    -1,
                    -1);
        }
    }

    /** The file says the version only, so one that is damaged is written anew. */
    private void checkMeta() throws IOException {
        try (StorageFile meta = files.open(META, OpenMode.WRITE)) {
            if (FileType.unfinished(meta)) {
                writeMeta(meta);
                files.forceDirectory("");
            }
            FileType.META.read(meta);
        } catch (CorruptLogException corrupt) {
            repairable(META, String.valueOf(corrupt.getMessage()));
            try (StorageFile meta = files.open(META, OpenMode.WRITE)) {
                writeMeta(meta);
            }
        }
    }

    private static void writeMeta(StorageFile meta) throws IOException {
        meta.write(FileType.finished(FileType.META.header()), 0);
        meta.force();
    }

    private void replay(Checkpoint checkpoint) throws IOException {
        List<CommitFile> found = commitFiles(checkpoint);
        files.forceDirectory(
                CommitFile.DIRECTORY); // a file may have been made and not named for good
        commit.skipTo(checkpoint.firstCommitFile());
        var ends = new HashMap<Long, Long>();
        found.forEach(file -> ends.putAll(file.earlierEnds()));
        for (int i = 0; i < found.size(); i++) {
            CommitFile file = found.get(i);
            boolean last = i + 1 == found.size();
            Long known = ends.get(file.number());
            long end = known == null ? file.shared().file().size() : known;
            boolean marked = file.number() == checkpoint.forcedCommitFile();
            long forced = marked ? checkpoint.forcedCommitEnd() : 0;
            long durable = known == null ? forced : known;
            long valid = file.scan(durable, end, this);
            if (last) {
                Rewrite.force(file.shared().file(), 0, valid);
            }
            commit.adopt(file, valid);
        }
    }

    private List<CommitFile> commitFiles(Checkpoint checkpoint) throws IOException {
        long first = checkpoint.firstCommitFile();
        var found = new ArrayList<CommitFile>();
        for (String name : files.list(CommitFile.DIRECTORY)) {
            long number = CommitFile.numberOf(name);
            if (number < 0) {
                continue;
            }
            boolean needed = number >= first;
            if (needed && unfinished(CommitFile.path(number))) {
                requireUnknown(checkpoint, number);
                needed = false;
            }
            if (!needed) {
                unneeded(checkpoint, number);
                continue;
            }
            CommitFile file = CommitFile.open(files, number);
            if (file.begun()) {
                found.add(file);
            } else {
                requireUnknown(checkpoint, number);
                file.shared().release();
                unneeded(checkpoint, number); // was made ahead and never used
            }
        }
        return found;
    }

    /** The first file stays until there is a checkpoint: see {@link #requireFirstFile}. */
    private void unneeded(Checkpoint checkpoint, long number) throws IOException {
        if (number > 1 || !checkpoint.equals(Checkpoint.EMPTY)) {
            files.delete(CommitFile.path(number));
        }
    }

    /** A file without a header was never finished, unless the checkpoint says that it was. */
    private static void requireUnknown(Checkpoint checkpoint, long number)
            throws CorruptLogException {
        if (number == checkpoint.forcedCommitFile()
                && checkpoint.forcedCommitEnd() > FileType.HEADER) {
            throw new CorruptLogException(
                    "the header of file '"
                            + CommitFile.path(number)
                            + "' is gone, which was durable up to "
                            + checkpoint.forcedCommitEnd());
        }
    }

    private boolean unfinished(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            return FileType.unfinished(file);
        }
    }

    @Override
    public void frame(CommitFile file, ByteBuffer frame, long position) throws IOException {
        long number = Frame.log(frame);
        LogSeed seed = seeds.get(number);
        switch (Frame.type(frame)) {
            case Frame.CREATE -> create(frame);
            case Frame.DELETE -> seeds.remove(number);
            case Frame.BEGIN -> {
                // says what the file before it needs
            }
            case Frame.DATA -> {
                if (seed != null) {
                    seed.wentOn();
                    seed.data(found(file, frame, position));
                }
            }
            case Frame.START -> {
                if (seed != null) {
                    seed.wentOn();
                    seed.startOffset = Math.max(seed.startOffset, Frame.base(frame));
                }
            }
            case Frame.TRUNCATE -> {
                if (seed != null) {
                    seed.truncate(Frame.base(frame));
                }
            }
            default ->
                    throw new CorruptLogException(
                            "file '"
                                    + file.shared().file().path()
                                    + "' has a frame of unknown type "
                                    + Frame.type(frame)
                                    + " at "
                                    + (position - Frame.SIZE));
        }
    }

    /**
     * Where the header still passes, only the batches are damaged: readers find and refuse them.
     */
    @Override
    public void lost(CommitFile file, long from, long to, @Nullable ByteBuffer header) {
        var region = new LostFrames(file, from, to);
        LogSeed seed = header == null ? null : seeds.get(Frame.log(header));
        if (header != null
                && seed != null
                && Frame.type(header) == Frame.DATA
                && Frame.length(header) == to - from - Frame.SIZE) {
            seed.data(region.asFrame(Frame.base(header), Frame.end(header), Frame.epoch(header)));
            report(region, seed.id, Frame.base(header), Frame.end(header));
        } else {
            lost.add(region);
            report(region, null, -1, -1);
        }
    }

    private void report(LostFrames region, @Nullable LogId id, long base, long end) {
        String path = region.file().shared().file().path();
        String whose = id == null ? "a log that they no longer name" : "log " + id;
        String problem =
                "bytes "
                        + region.from()
                        + " to "
                        + region.to()
                        + " of file '"
                        + path
                        + "', appends of "
                        + whose
                        + ", are not those that were written";
        damage.found(new StorageProblem(id, path, base, end, problem, DamageLog.REMEDY));
    }

    private void create(ByteBuffer frame) {
        long number = Frame.log(frame);
        nextLogNumber = Math.max(nextLogNumber, number + 1);
        frame.clear().position(Frame.SIZE);
        seeds.computeIfAbsent(
                number,
                key -> new LogSeed(key, Checkpoint.name(frame), Frame.base(frame), Cut.NONE));
    }

    private static Found found(CommitFile file, ByteBuffer frame, long position) {
        int length = Frame.length(frame);
        long maxTimestamp = -1;
        int batchEpoch = length == 0 ? 0 : BatchHeader.leaderEpoch(frame, Frame.SIZE);
        for (int at = Frame.SIZE;
                at < Frame.SIZE + length;
                at += BatchHeader.sizeInBytes(frame, at)) {
            maxTimestamp = Math.max(maxTimestamp, BatchHeader.maxTimestamp(frame, at));
            boolean same = batchEpoch == BatchHeader.leaderEpoch(frame, at);
            batchEpoch = same ? batchEpoch : EpochRuns.UNKNOWN;
        }
        return new Found(
                file,
                position,
                length,
                Frame.base(frame),
                Frame.end(frame),
                Frame.epoch(frame),
                batchEpoch,
                maxTimestamp);
    }

    private void recoverLogs() throws IOException {
        Map<Long, TreeSet<Long>> extents = extentFiles();
        for (LogSeed seed : seeds.values()) {
            TreeSet<Long> bases = extents.computeIfAbsent(seed.number, key -> new TreeSet<>());
            var recovery = new LogRecovery(files, seed, bases, lost, damage);
            SegmentLog log = recovery.run();
            logs.add(log);
            if (recovery.hasStale()) {
                commit.write(Frame.TRUNCATE, log.number, log.endOffset, NOTHING);
            }
        }
        seeds.clear();
        commit.force();
        for (var left : extents.entrySet()) {
            for (long base : left.getValue()) {
                files.delete(new Name(left.getKey(), base).path());
            }
        }
        files.forceDirectory(ExtentFile.DIRECTORY);
    }

    /**
     * Tries once more with a log that could not be put together. What it does not take over is to
     * be voided by the caller. Under the round lock.
     */
    SegmentLog again(SegmentLog broken) throws IOException {
        var bases = new TreeSet<Long>();
        for (String file : files.list(ExtentFile.DIRECTORY)) {
            Name name = Name.parse(file);
            if (name != null && name.log() == broken.number) {
                bases.add(name.baseOffset());
            }
        }
        SegmentLog log = new LogRecovery(files, broken.kept(), bases, lost, damage).run();
        if (log.broken == null) {
            for (long base : bases) {
                files.delete(new Name(log.number, base).path());
            }
            files.forceDirectory(ExtentFile.DIRECTORY);
        }
        broken.letGo();
        return log;
    }

    private Map<Long, TreeSet<Long>> extentFiles() throws IOException {
        var extents = new HashMap<Long, TreeSet<Long>>();
        for (String file : files.list(ExtentFile.DIRECTORY)) {
            Name name = Name.parse(file);
            if (name != null) {
                extents.computeIfAbsent(name.log(), key -> new TreeSet<>()).add(name.baseOffset());
            } else {
                files.delete(ExtentFile.DIRECTORY + "/" + file); // was being made
            }
        }
        return extents;
    }
}
