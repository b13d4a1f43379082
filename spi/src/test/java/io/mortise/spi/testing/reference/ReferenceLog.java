// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;
import io.mortise.spi.testing.reference.DataFile.Entry;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One log: a manifest and the data files that it names, of which the last may grow. Files are never
 * changed but at their end: truncation and replacement write new ones and swap the manifest. One
 * monitor guards all.
 */
final class ReferenceLog implements LogStorage {
    private final ReferenceEngine engine;
    private final FileLayer files;
    private final long number;
    private final LogId id;
    private List<DataFile> parts = new ArrayList<>();
    private @Nullable DataFile active;
    private long startOffset;
    private long endOffset;

    /** The end that is promised at the log's level. */
    private long completeEnd = Long.MAX_VALUE;

    private long nextFile = 1;
    private int leaderEpoch;
    private LogConfig config = LogConfig.of(Durability.DISK);
    private boolean loaded;
    private boolean open;
    private volatile boolean deleted;
    private @Nullable IOException failure;

    ReferenceLog(ReferenceEngine engine, FileLayer files, Manifest manifest) {
        this.engine = engine;
        this.files = files;
        number = manifest.log();
        id = manifest.id();
    }

    synchronized void open(int epoch, LogConfig newConfig) throws IOException {
        if (open) {
            throw new IllegalStateException("log " + id + " is already open");
        }
        if (failure != null || !loaded) {
            load();
        }
        leaderEpoch = Math.max(leaderEpoch, epoch);
        config = newConfig;
        open = true;
    }

    /** Reads the manifest and what it names; drops what was not completed before a failure. */
    private void load() throws IOException {
        for (DataFile part : parts) {
            part.release();
        }
        if (loaded && !files.exists(Manifest.path(number))) {
            // a deletion that failed half-way did not take place
            new Manifest(number, id, startOffset, named(parts)).write(files);
        }
        Manifest manifest = Manifest.read(files, Manifest.path(number));
        deleteLeftOver(manifest);
        var found = new ArrayList<DataFile>();
        for (Manifest.Part each : manifest.parts()) {
            var part = new DataFile(files, number, each.file(), each.baseOffset());
            part.load(each, completeEnd);
            found.add(part);
            nextFile = Math.max(nextFile, each.file() + 1);
        }
        parts = found;
        active = null;
        startOffset = manifest.startOffset();
        endOffset = Math.max(startOffset, found.isEmpty() ? 0 : found.getLast().endOffset);
        settle();
        failure = null;
        loaded = true;
    }

    private void deleteLeftOver(Manifest manifest) throws IOException {
        for (String name : files.list("")) {
            boolean named = name.equals(Manifest.path(number));
            for (Manifest.Part part : manifest.parts()) {
                named |= name.equals(DataFile.path(number, part.file()));
                named |= name.equals(DataFile.indexPath(number, part.file()));
            }
            boolean own = name.startsWith(number + "-") || name.startsWith(number + ".");
            if (own && !named) {
                files.delete(name);
            }
        }
    }

    /**
     * What lies behind the durable end of the last file was found, but may not be on the medium,
     * and bytes of no batch may follow it: so it is written anew.
     */
    private void settle() throws IOException {
        DataFile last = parts.isEmpty() ? null : parts.getLast();
        boolean whole = last == null || last.durableFileEnd == last.fileEnd;
        if (last != null && (!whole || failure != null)) {
            replaceParts(parts.size() - 1, parts.size(), batches(last, 0, last.endOffset));
        }
        completeEnd = endOffset;
    }

    private List<ByteBuffer> batches(DataFile part, long from, long to) throws IOException {
        var batches = new ArrayList<ByteBuffer>();
        for (Entry entry : part.entries) {
            if (entry.base() >= from && entry.end() <= to) {
                batches.add(part.read(entry, id));
            }
        }
        return batches;
    }

    /** Puts one new, durable file in the place of some. */
    private void replaceParts(int first, int past, List<ByteBuffer> batches) throws IOException {
        List<DataFile> old = List.copyOf(parts.subList(first, past));
        DataFile fresh = written(old.getFirst().baseOffset, batches, old.getLast().endOffset);
        var next = new ArrayList<>(parts);
        next.subList(first, past).clear();
        next.add(first, fresh);
        commit(startOffset, next);
    }

    /** Makes a new list of files the log's, then forgets those that are not on it. */
    private void commit(long start, List<DataFile> next) throws IOException {
        try {
            new Manifest(number, id, start, named(next)).write(files);
            List<DataFile> old = parts;
            parts = next;
            startOffset = start;
            if (active != null && !next.contains(active)) {
                active = null;
            }
            for (DataFile part : old) {
                if (!next.contains(part)) {
                    part.delete();
                }
            }
        } catch (IOException unknown) {
            failure = unknown; // which of the two the disk has is found out at the next opening
            throw unknown;
        }
    }

    private static List<Manifest.Part> named(List<DataFile> parts) {
        return parts.stream().map(DataFile::part).toList();
    }

    @Override
    public synchronized void append(int epoch, long baseOffset, long end, ByteBuffer batches)
            throws IOException {
        requireHealthy();
        if (epoch < leaderEpoch || baseOffset != endOffset || endOf(batches, baseOffset) != end) {
            throw new IllegalArgumentException(
                    "log "
                            + id
                            + " under epoch "
                            + leaderEpoch
                            + " ends at "
                            + endOffset
                            + "; the append is of epoch "
                            + epoch
                            + ", from "
                            + baseOffset
                            + " to "
                            + end);
        }
        try {
            DataFile file =
                    active == null || active.fileEnd >= config.extentBytes() ? roll() : active;
            file.append(batches);
            leaderEpoch = epoch;
            endOffset = end;
            engine.appended(this, batches.remaining());
        } catch (IOException broken) {
            failure = broken;
            engine.fail(broken);
            throw broken;
        }
    }

    /** One past the last offset of whole batches without a gap between them; -1 if they are not. */
    private static long endOf(ByteBuffer batches, long base) {
        long next = base;
        int at = batches.position();
        while (batches.limit() - at >= BatchHeader.SIZE
                && BatchHeader.baseOffset(batches, at) == next
                && BatchHeader.sizeInBytes(batches, at) <= batches.limit() - at) {
            next = BatchHeader.lastOffset(batches, at) + 1;
            at += BatchHeader.sizeInBytes(batches, at);
        }
        return at == batches.limit() ? next : -1;
    }

    private DataFile roll() throws IOException {
        if (active != null) {
            active.seal();
        }
        var fresh = new DataFile(files, number, nextFile++, endOffset);
        fresh.create();
        var next = new ArrayList<>(parts);
        next.add(fresh);
        commit(startOffset, next);
        active = fresh;
        return fresh;
    }

    /** Whether the round is over for this log without a force. */
    synchronized boolean completedUnforced() {
        if (config.durability() == Durability.DISK) {
            return false;
        }
        completeEnd = endOffset;
        return true;
    }

    synchronized void force() throws IOException {
        if (failure == null && active != null) {
            active.force();
        }
        completeEnd = endOffset;
    }

    synchronized void fail(IOException broken) {
        failure = broken;
    }

    @Override
    public synchronized LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        requireHealthy();
        if (offset < startOffset || offset > endOffset) {
            throw new OffsetOutOfRangeException(
                    "log "
                            + id
                            + " was asked for offset "
                            + offset
                            + ", it has "
                            + startOffset
                            + " to "
                            + endOffset);
        }
        for (DataFile part : parts) {
            int first = 0;
            while (first < part.entries.size() && part.entries.get(first).end() <= offset) {
                first++;
            }
            if (first < part.entries.size()) {
                return slice(part, first, offset, limit, maxBytes);
            }
        }
        return nothing(offset, limit);
    }

    private LogSlice slice(DataFile part, int first, long offset, long limit, int maxBytes)
            throws IOException {
        var batches = new ArrayList<ByteBuffer>();
        long next = offset;
        int bytes = 0;
        for (Entry entry : part.entries.subList(first, part.entries.size())) {
            boolean fits = batches.isEmpty() || bytes + entry.length() <= maxBytes;
            if (entry.base() >= limit || !fits || (entry.length() < 0 && !batches.isEmpty())) {
                break;
            }
            batches.add(part.read(entry, id));
            bytes += entry.length();
            next = entry.end();
        }
        return batches.isEmpty()
                ? nothing(offset, limit)
                : ReferenceSlice.of(part.entries.get(first).base(), next, batches);
    }

    private LogSlice nothing(long offset, long limit) {
        return ReferenceSlice.of(offset, Math.max(offset, Math.min(limit, endOffset)), List.of());
    }

    @Override
    public synchronized long startOffset() {
        return startOffset;
    }

    @Override
    public synchronized long endOffset() {
        return endOffset;
    }

    @Override
    public synchronized List<LogExtent> extents() {
        return parts.stream()
                .map(
                        p ->
                                new LogExtent(
                                        p.baseOffset,
                                        p.endOffset,
                                        p.sizeBytes,
                                        p.maxTimestampMillis))
                .toList();
    }

    @Override
    public synchronized void configure(LogConfig newConfig) throws IOException {
        ReferenceEngine.requireLevel(id, newConfig);
        requireHealthy();
        if (newConfig.durability() != Durability.DISK && config.durability() == Durability.DISK) {
            forceOrFail(); // what was appended under DISK was promised under DISK
        }
        config = newConfig;
        engine.appended(this, 0);
    }

    private void forceOrFail() throws IOException {
        try {
            force();
        } catch (IOException broken) {
            engine.fail(broken);
            failure = broken;
            throw broken;
        }
    }

    @Override
    public synchronized void truncate(long offset) throws IOException {
        requireHealthy();
        if (offset >= endOffset) {
            return;
        }
        int kept = 0;
        while (kept < parts.size() && parts.get(kept).endOffset <= offset) {
            kept++;
        }
        if (kept < parts.size()) {
            cut(kept, offset);
        }
        endOffset = Math.max(startOffset, parts.isEmpty() ? 0 : parts.getLast().endOffset);
        completeEnd = Math.min(completeEnd, endOffset);
    }

    /** Writes what is kept of one file anew, as the last one. */
    private void cut(int index, long offset) throws IOException {
        DataFile part = parts.get(index);
        long end = offset;
        for (Entry entry : part.entries) {
            end = entry.end() > offset ? Math.min(end, entry.base()) : end;
        }
        var next = new ArrayList<>(parts.subList(0, index));
        if (end > part.baseOffset) {
            next.add(written(part.baseOffset, batches(part, 0, end), end));
        }
        commit(startOffset, next);
    }

    /** A new file, durable. */
    private DataFile written(long base, List<ByteBuffer> batches, long end) throws IOException {
        var fresh = new DataFile(files, number, nextFile++, base);
        fresh.create();
        for (ByteBuffer batch : batches) {
            fresh.append(batch);
        }
        fresh.endOffset = end;
        fresh.seal();
        return fresh;
    }

    @Override
    public synchronized void advanceStart(long offset) throws IOException {
        requireHealthy();
        long start = Math.min(offset, endOffset);
        if (start > startOffset) {
            var next = new ArrayList<>(parts);
            next.removeIf(part -> part.endOffset <= start);
            commit(start, next);
        }
    }

    @Override
    public synchronized void replace(long from, long to, List<ByteBuffer> batches)
            throws IOException {
        requireHealthy();
        requireReplaceable(from, to, batches);
        int first = 0;
        while (first < parts.size() && parts.get(first).endOffset <= from) {
            first++;
        }
        int past = first;
        while (past < parts.size() && parts.get(past).baseOffset < to) {
            past++;
        }
        if (past > first) {
            var all = new ArrayList<>(batches(parts.get(first), 0, from));
            all.addAll(batches);
            all.addAll(batches(parts.get(past - 1), to, Long.MAX_VALUE));
            replaceParts(first, past, all);
        }
    }

    private void requireReplaceable(long from, long to, List<ByteBuffer> batches) {
        boolean good =
                from <= to
                        && to <= completeEnd
                        && (parts.isEmpty() || from >= parts.getFirst().baseOffset);
        for (DataFile part : parts) {
            for (Entry entry : part.entries) {
                good &= from <= entry.base() || from >= entry.end();
                good &= to <= entry.base() || to >= entry.end();
            }
        }
        long next = from;
        for (ByteBuffer run : batches) {
            for (int at = run.position(); good && at < run.limit(); ) {
                good =
                        run.limit() - at >= BatchHeader.SIZE
                                && BatchHeader.sizeInBytes(run, at) <= run.limit() - at
                                && BatchHeader.baseOffset(run, at) >= next
                                && BatchHeader.lastOffset(run, at) < to;
                next = good ? BatchHeader.lastOffset(run, at) + 1 : next;
                at += good ? BatchHeader.sizeInBytes(run, at) : 0;
            }
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "log "
                            + id
                            + " has "
                            + startOffset
                            + " to "
                            + completeEnd
                            + "; what is to replace "
                            + from
                            + " to "
                            + to
                            + " must be whole batches in order in that range, between batches");
        }
    }

    synchronized void delete() throws IOException {
        if (open) {
            throw new IllegalStateException("log " + id + " is open and cannot be deleted");
        }
        try {
            files.delete(Manifest.path(number));
            files.forceDirectory("");
        } catch (IOException unknown) {
            failure = unknown;
            throw unknown;
        }
        deleted = true;
        for (DataFile part : parts) {
            part.delete();
        }
    }

    boolean deleted() {
        return deleted;
    }

    @Override
    public synchronized void close() throws IOException {
        if (!open) {
            return;
        }
        open = false;
        DataFile growing = active;
        try {
            if (failure == null && growing != null) {
                growing.seal();
                active = null;
                commit(startOffset, parts);
                completeEnd = endOffset;
            }
        } catch (IOException broken) {
            failure = broken;
            throw broken;
        } finally {
            for (DataFile part : parts) {
                part.release();
            }
        }
    }

    private void requireHealthy() throws IOException {
        if (!open) {
            throw new IllegalStateException("log " + id + " is closed");
        }
        if (failure != null) {
            throw new LogFailedException(
                    "log " + id + " must be opened anew: " + failure.getMessage(), failure);
        }
    }
}
