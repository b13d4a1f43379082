// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.ImmediateReads;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The logs of a partition as one, chained by offset: each ends where the next begins, or before
 * where its engine lost what it had not promised to keep. Only the last is appended to. As {@link
 * LogStorage} for threads; the chain itself is changed under the lock of {@link LogControl}.
 */
final class GenerationChain implements LogStorage, ImmediateReads {
    /** An open log. */
    record Link(Generation generation, HostedEngine engine, LogStorage log) {}

    private final LogId id;

    /** Oldest first; never changed in place. */
    private volatile Link[] links;

    GenerationChain(LogId id, List<Link> links) {
        this.id = id;
        this.links = links.toArray(Link[]::new);
    }

    Link active() {
        Link[] now = links;
        return now[now.length - 1];
    }

    List<Link> links() {
        return List.of(links);
    }

    /** Appends go there from now on; it begins at this one's end. */
    void add(Link next) {
        Link[] longer = Arrays.copyOf(links, links.length + 1);
        longer[links.length] = next;
        links = longer;
    }

    /** The generations before the last that end at or before {@code offset}. */
    List<Link> endingBy(long offset) {
        List<Link> ending = new ArrayList<>();
        for (int i = 0; i + 1 < links.length && links[i].log.endOffset() <= offset; i++) {
            ending.add(links[i]);
        }
        return ending;
    }

    /** The generations that begin past {@code offset}, newest first. */
    List<Link> beginningAfter(long offset) {
        List<Link> later = new ArrayList<>();
        for (int i = links.length - 1; i > 0 && links[i].generation.startOffset() > offset; i--) {
            later.add(links[i]);
        }
        return later;
    }

    void remove(List<Link> gone) {
        links = Arrays.stream(links).filter(it -> !gone.contains(it)).toArray(Link[]::new);
    }

    @Override
    public void append(int leaderEpoch, long baseOffset, long endOffset, ByteBuffer batches)
            throws IOException {
        active().log.append(leaderEpoch, baseOffset, endOffset, batches);
    }

    @Override
    public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        while (true) {
            Link[] now = links;
            try {
                return read(now, offset, limit, maxBytes);
            } catch (IOException | RuntimeException e) {
                if (Arrays.equals(now, links)) {
                    throw e;
                }
            }
        }
    }

    private LogSlice read(Link[] now, long offset, long limit, int maxBytes) throws IOException {
        if (offset < start(now)) {
            throw new OffsetOutOfRangeException(
                    id + ": offset " + offset + " is below the start " + start(now));
        }
        int last = now.length - 1;
        for (int i = 0; i < last; i++) {
            LogStorage log = now[i].log;
            long from = Math.max(offset, log.startOffset());
            long end = Math.min(limit, log.endOffset());
            if (from < end) {
                LogSlice slice = log.read(from, end, maxBytes);
                if (slice.sizeInBytes() > 0) {
                    return slice;
                }
                slice.close(); // nothing but a gap is left of it
            }
        }
        LogStorage log = now[last].log;
        long from = Math.max(offset, log.startOffset());
        return from > offset && from >= limit
                ? new Nothing(offset, Math.max(offset, limit))
                : log.read(from, limit, maxBytes);
    }

    @Override
    public @Nullable LogSlice readIfReady(long offset, long limit, int maxBytes) {
        Link[] now = links;
        int at = now.length - 1;
        while (at > 0 && now[at].log.startOffset() > offset) {
            at--;
        }
        LogStorage log = now[at].log;
        long end = at == now.length - 1 ? limit : Math.min(limit, log.endOffset());
        return offset < end && log instanceof ImmediateReads able
                ? able.readIfReady(offset, end, maxBytes)
                : null;
    }

    @Override
    public long startOffset() {
        return start(links);
    }

    private static long start(Link[] now) {
        for (Link link : now) {
            long start = link.log.startOffset();
            if (start < link.log.endOffset()) {
                return start;
            }
        }
        return now[now.length - 1].log.startOffset();
    }

    @Override
    public long endOffset() {
        return active().log.endOffset();
    }

    @Override
    public List<LogExtent> extents() {
        Link[] now = links;
        if (now.length == 1) {
            return now[0].log.extents();
        }
        List<LogExtent> all = new ArrayList<>();
        for (Link link : now) {
            all.addAll(link.log.extents());
        }
        return all;
    }

    @Override
    public void configure(LogConfig config) throws IOException {
        active().log.configure(config);
    }

    /** Within the last generation. */
    @Override
    public void truncate(long offset) throws IOException {
        active().log.truncate(offset);
    }

    /** Of the first generation that is left; those below are removed before. */
    @Override
    public void advanceStart(long offset) throws IOException {
        Link first = links[0];
        long reached = Math.min(offset, first.log.endOffset());
        if (reached > first.log.startOffset()) {
            first.log.advanceStart(reached);
        }
    }

    /** One generation after the other: what a record gives way to lies behind it. */
    @Override
    public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
        Link[] now = links;
        for (int i = 0; i < now.length; i++) {
            LogStorage log = now[i].log;
            long begin = Math.max(from, log.startOffset());
            long end = i + 1 < now.length ? Math.min(to, log.endOffset()) : to;
            if (begin < end) {
                log.replace(begin, end, within(batches, begin, end));
            }
        }
    }

    private static List<ByteBuffer> within(List<ByteBuffer> batches, long from, long to) {
        List<ByteBuffer> found = new ArrayList<>();
        for (ByteBuffer run : batches) {
            int begin = position(run, from);
            int end = position(run, to);
            if (begin < end) {
                found.add(run.duplicate().limit(end).position(begin));
            }
        }
        return found;
    }

    /** Of the first batch at or past {@code offset}. */
    private static int position(ByteBuffer run, long offset) {
        int at = run.position();
        while (at < run.limit() && BatchHeader.baseOffset(run, at) < offset) {
            at += BatchHeader.sizeInBytes(run, at);
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Link link : links) {
            try {
                link.log.close();
            } catch (IOException e) {
                failure = failed(failure, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static IOException failed(@Nullable IOException earlier, IOException now) {
        if (earlier == null) {
            return now;
        }
        earlier.addSuppressed(now);
        return earlier;
    }

    /** Between two generations. */
    private record Nothing(long baseOffset, long nextOffset) implements LogSlice {
        @Override
        public int sizeInBytes() {
            return 0;
        }

        @Override
        public List<Part> parts() {
            return List.of();
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
