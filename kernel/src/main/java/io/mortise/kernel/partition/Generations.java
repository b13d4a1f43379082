// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.kernel.partition.GenerationChain.Link;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.RefusedException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Opens, begins and deletes the logs that one partition consists of. A log is listed in the
 * partition's {@link GenerationFile} before anything is appended to it, and listed as doomed before
 * it is deleted, so a crash leaves either the chain before or the one after. Under the lock of
 * {@link LogControl}; may block.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    /** An engine that forgets gives so many offsets before the next are reserved. */
    static final long RESERVED = 1L << 24;

    private final PartitionContext context;
    private final PartitionLog log;
    private final LogId id;
    private final GenerationFile file;

    /** What the file says; null if that is not known. */
    private volatile @Nullable GenerationList list;

    Generations(PartitionLog log, PartitionContext context) {
        this.context = context;
        this.log = log;
        this.id = log.logId();
        this.file = new GenerationFile(context.files(), id);
    }

    // What there is.

    /** Whether something of the partition may be that engine's. Any thread. */
    boolean mayUse(String engine) {
        GenerationList known = list;
        return known == null
                || known.uses(engine)
                || log.settings().engine().equals(engine)
                || PartitionSettings.of(log.topic()).engine().equals(engine);
    }

    /** Whether the partition cannot be read without that engine. Any thread. */
    boolean needs(String engine) {
        GenerationList known = list;
        return known == null
                ? log.settings().engine().equals(engine)
                : known.live().stream().anyMatch(it -> it.engine().equals(engine));
    }

    /** Whether the file and this agree. */
    boolean known() {
        return list != null;
    }

    private GenerationList list() throws IOException {
        GenerationList known = list;
        if (known == null) {
            known = stored();
            list = known;
        }
        return known;
    }

    private GenerationList stored() throws IOException {
        Generation first = PartitionSettings.first(log.topic(), id.partition());
        boolean only = PartitionSettings.of(log.topic()).generation() == first.number();
        GenerationList stored = only ? null : file.read();
        return stored == null ? GenerationList.of(first) : stored;
    }

    private void save(GenerationList changed) throws IOException {
        list = null; // until it is known which of the two a restart would find
        file.write(changed);
        list = changed;
    }

    /**
     * Finds all engines of the partition.
     *
     * @throws RefusedException one is not here
     */
    void find(PartitionSettings settings) throws IOException {
        for (Generation one : list().live()) {
            engine(one.engine());
        }
        engine(settings.engine());
    }

    private HostedEngine engine(String name) throws IOException {
        return context.engines().find(log, list().all(), name);
    }

    /** Where its logs lie. */
    Set<LogDirectory> directories() throws IOException {
        Set<LogDirectory> found = new LinkedHashSet<>();
        for (Generation one : list().live()) {
            found.add(engine(one.engine()).directory());
        }
        return found;
    }

    private static boolean forgets(HostedEngine hosted) {
        Set<Durability> given = hosted.engine().durabilities();
        return !given.contains(Durability.OS) && !given.contains(Durability.DISK);
    }

    /** Whether offsets that this node gave are known to somebody but the engine. */
    private boolean chained(Generation active) {
        return active.number() != PartitionSettings.first(log.topic(), id.partition()).number();
    }

    // Opening.

    /** Opens every log that is left. */
    GenerationChain open(PartitionSettings settings, int epoch) throws IOException {
        deleteDoomed();
        List<Link> links = new ArrayList<>();
        try {
            openOlder(settings, epoch, links);
            links.add(openActive(settings, epoch));
            return new GenerationChain(id, links);
        } catch (IOException | RuntimeException e) {
            links.forEach(this::closeQuietly);
            throw e;
        }
    }

    private void openOlder(PartitionSettings settings, int epoch, List<Link> links)
            throws IOException {
        GenerationList known = list();
        List<Generation> lost = new ArrayList<>();
        for (Generation one : known.live().subList(0, known.live().size() - 1)) {
            HostedEngine hosted = engine(one.engine());
            if (hosted.engine().logs().contains(id.inGeneration(one.number()))) {
                links.add(openLog(hosted, one, settings, epoch));
            } else {
                reportLost(one, forgets(hosted));
                lost.add(one);
            }
        }
        if (!lost.isEmpty()) {
            save(known.without(lost));
            deleteDoomed();
        }
    }

    private void reportLost(Generation one, boolean expected) {
        String message = "{}: storage engine {} has nothing left of generation {}, from offset {}";
        if (expected) {
            LOG.info(message, id, one.engine(), one.number(), one.startOffset());
        } else {
            LOG.error(message, id, one.engine(), one.number(), one.startOffset());
        }
    }

    private Link openActive(PartitionSettings settings, int epoch) throws IOException {
        GenerationList known = list();
        HostedEngine hosted = engine(known.active().engine());
        boolean forgetful = forgets(hosted) && chained(known.active());
        LogId logId = id.inGeneration(known.active().number());
        if (forgetful && !hosted.engine().logs().contains(logId)) {
            known = known.restartedAt(Math.max(known.active().startOffset(), known.reserved()));
        }
        if (forgetful) {
            save(known.withReserved(Math.max(known.reserved(), known.active().startOffset())));
        }
        return openLog(hosted, known.active(), settings, epoch);
    }

    private Link openLog(HostedEngine hosted, Generation one, PartitionSettings settings, int epoch)
            throws IOException {
        LogId logId = id.inGeneration(one.number());
        LogConfig config = settings.logConfig(level(hosted, settings), one.startOffset());
        return new Link(one, hosted, hosted.engine().openLog(logId, epoch, config));
    }

    /** An older engine may not give what the topic asks for now. */
    private static Durability level(HostedEngine hosted, PartitionSettings settings) {
        Set<Durability> given = hosted.engine().durabilities();
        if (given.contains(settings.durability()) || given.isEmpty()) {
            return settings.durability();
        }
        if (given.contains(Durability.DISK)) {
            return Durability.DISK;
        }
        return given.contains(Durability.OS) ? Durability.OS : Durability.MEMORY;
    }

    // Changing.

    /** Whether the topic has an engine that this partition has not gone to. */
    static boolean behind(GenerationChain chain, PartitionSettings settings) {
        return settings.generation() > chain.active().generation().number();
    }

    /**
     * Begins the topic's generation where {@code chain} ends.
     *
     * @throws IOException it is not begun; or, if {@link #known} says no, nobody knows: the
     *     partition is to be opened anew
     */
    void begin(GenerationChain chain, PartitionSettings settings, int epoch) throws IOException {
        HostedEngine hosted = engine(settings.engine());
        long start = chain.endOffset();
        var next = new Generation(settings.generation(), settings.engine(), start);
        GenerationList longer = list().with(next);
        hosted.engine().deleteLog(id.inGeneration(next.number())); // an attempt that did not end
        Link link = openLog(hosted, next, settings, epoch);
        try {
            save(forgets(hosted) ? longer.withReserved(start) : longer);
        } catch (IOException | RuntimeException e) {
            closeQuietly(link);
            throw e;
        }
        chain.add(link);
        context.metrics().generations.add(1);
        LOG.info("{}: storage engine {} goes on at offset {}", id, next.engine(), start);
    }

    /** Has the logs deleted that end at or before {@code offset}, where the partition starts. */
    void drop(GenerationChain chain, long offset) throws IOException {
        remove(chain, chain.endingBy(offset));
    }

    /** Has the logs deleted that begin past {@code offset}, where the partition ends. */
    void cut(GenerationChain chain, long offset) throws IOException {
        remove(chain, chain.beginningAfter(offset));
    }

    private void remove(GenerationChain chain, List<Link> gone) throws IOException {
        if (gone.isEmpty()) {
            return;
        }
        save(list().without(gone.stream().map(Link::generation).toList()));
        chain.remove(gone);
        gone.forEach(this::closeQuietly);
        deleteDoomed();
    }

    private void deleteDoomed() throws IOException {
        GenerationList known = list();
        List<Generation> left = new ArrayList<>();
        for (Generation one : known.doomed()) {
            if (!deleted(one)) {
                left.add(one);
            }
        }
        if (left.size() < known.doomed().size()) {
            save(known.withDoomed(left));
        }
    }

    private boolean deleted(Generation one) {
        try {
            engine(one.engine()).engine().deleteLog(id.inGeneration(one.number()));
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: generation {} is deleted later", id, one.number(), e);
            return false;
        }
    }

    // Offsets that an engine forgets with what they were given to.

    /**
     * Makes sure that offsets are not given again after a restart.
     *
     * @return appends must end before it until this was called again
     */
    long reserve(GenerationChain chain, long end) throws IOException {
        Link active = chain.active();
        if (!forgets(active.engine()) || !chained(active.generation())) {
            return Long.MAX_VALUE;
        }
        GenerationList known = list();
        if (known.reserved() < end + RESERVED / 2) {
            save(known.withReserved(end + RESERVED));
        }
        return list().reserved();
    }

    /** The partition ended there: no offset past it was given. */
    void ended(GenerationChain chain, long end) throws IOException {
        Link active = chain.active();
        if (forgets(active.engine()) && chained(active.generation())) {
            save(list().withReserved(end));
        }
    }

    // Deleting.

    /** Deletes everything of a closed partition; what is out of reach goes when it comes. */
    void delete() throws IOException {
        for (Generation one : list().all()) {
            context.engines().delete(log, id.inGeneration(one.number()), one.engine());
        }
        file.delete();
    }

    private void closeQuietly(Link link) {
        LogStorage open = link.log();
        try {
            open.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: closing generation {} failed", id, link.generation().number(), e);
        }
    }
}
