// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.PluginEntry;
import io.mortise.kernel.metadata.PluginEntry.Wanted;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where bundles lie: the directory that came with the broker, and {@code data/plugins} for what
 * operators installed. Which of them count is metadata; a bundle's file is durable before the
 * metadata names its hash, and goes only after the metadata names it no more, so that a crash
 * between the two leaves at most a file that nobody needs.
 */
public final class BundleStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BundleStore.class);
    private static final String DIRECTORY = "plugins";

    /** Begins the names of files that are not taken yet. */
    static final String UPLOAD = "upload-";

    private final DiskFileLayer data;
    private final @Nullable DiskFileLayer shipped;
    private final SystemExports exports;
    private final PluginCatalog catalog;
    private final BundleTrust trust;
    private final BundleSpace space;
    private final AtomicLong uploads;

    /** Plugins that are there without being installed. */
    private final Set<String> delivered = ConcurrentHashMap.newKeySet();

    /**
     * @param data the broker's data directory
     * @param shipped the directory of bundles that came with the broker, or null
     * @param metadata says what was installed, stopped and removed
     * @param trust judges what operators bring; what came with the broker is trusted
     * @param seed of the names of uploads, greater at each start
     */
    public BundleStore(
            DiskFileLayer data,
            @Nullable DiskFileLayer shipped,
            SystemExports exports,
            Metadata metadata,
            BundleTrust trust,
            long seed)
            throws IOException {
        this.data = data;
        this.shipped = shipped;
        this.exports = exports;
        this.catalog = new PluginCatalog(metadata);
        this.trust = trust;
        this.space = new BundleSpace(data, exports);
        this.uploads = new AtomicLong(seed);
        data.createDirectories(DIRECTORY);
        dropLeftovers();
    }

    SystemExports exports() {
        return exports;
    }

    /** Where a dump of the heap may be for a moment. */
    Path heapDump() {
        return data.root().resolve(DIRECTORY).resolve("doctor.hprof");
    }

    /**
     * Every bundle that counts, installed in the framework. Shipped files that are no bundles are
     * logged and left.
     */
    List<PluginUnit> units() throws IOException {
        var wanted = new TreeMap<String, Judged>();
        var absent = new ArrayList<PluginUnit>();
        if (shipped != null) {
            for (String name : shipped.list("")) {
                addShipped(name, wanted);
            }
        }
        delivered.addAll(wanted.keySet());
        space.cacheOf(fingerprint(wanted));
        for (PluginEntry entry : catalog.entries()) {
            override(entry, wanted, absent);
        }
        absent.addAll(installAll(wanted));
        return absent;
    }

    /** A plugin that came with the broker in another way than as a bundle. */
    void delivered(String id) {
        delivered.add(id);
    }

    /** A bundle and who answers for it. */
    record Judged(BundleFile file, Origin origin) {}

    /**
     * Writes a bundle as it arrives.
     *
     * @param signature 64 bytes, or null
     */
    BundleFile receive(InputStream bundle, byte @Nullable [] signature) throws IOException {
        String name = DIRECTORY + "/" + UPLOAD + uploads.incrementAndGet() + ".jar";
        try (StorageFile file = data.open(name, OpenMode.CREATE_NEW)) {
            byte[] chunk = new byte[64 << 10];
            long position = 0;
            for (int count = bundle.read(chunk); count >= 0; count = bundle.read(chunk)) {
                file.write(ByteBuffer.wrap(chunk, 0, count), position);
                position += count;
            }
            file.force();
        }
        var received = new BundleFile(data, data.root(), name);
        if (signature != null) {
            received.sign(signature);
        }
        return received;
    }

    /**
     * Who answers for a bundle that was brought.
     *
     * @throws RefusedException it is not to be trusted
     */
    Origin origin(BundleFile received) throws IOException {
        return new Origin(false, trust.signer(received));
    }

    void discard(BundleFile received) throws IOException {
        received.delete();
    }

    /** Keeps a received bundle, durably, under its own name; it does not count yet. */
    Kept keep(BundleFile received, PluginDescriptor descriptor, Origin origin) throws IOException {
        String hash = received.hash();
        String number = received.name().replaceAll("[^0-9]", "");
        String name = "%s/%s-%s.jar".formatted(DIRECTORY, stem(descriptor, hash), number);
        BundleFile kept = received.renamed(name);
        data.forceDirectory(DIRECTORY);
        return new Kept(new Judged(kept, origin), descriptor, hash);
    }

    /** A bundle below data/plugins. */
    record Kept(Judged bundle, PluginDescriptor descriptor, String hash) {}

    /** Makes a kept bundle known to the framework. */
    BundleUnit load(Kept kept) throws IOException {
        return space.install(kept.bundle());
    }

    /**
     * Makes the bundle count, from the next start at the latest.
     *
     * @throws RefusedException the metadata did not take it
     */
    void adopt(Kept kept) {
        boolean stopped = catalog.wanted(kept.descriptor().id()) == Wanted.STOPPED;
        catalog.put(
                new PluginEntry(
                        kept.descriptor().id(),
                        kept.descriptor().kind().text(),
                        kept.descriptor().version(),
                        kept.hash(),
                        stopped ? Wanted.STOPPED : Wanted.ACTIVE));
    }

    /**
     * Remembers whether a plugin shall run.
     *
     * @throws RefusedException the metadata did not take it
     */
    void want(PluginDescriptor descriptor, Wanted wanted) {
        PluginEntry entry = catalog.entry(descriptor.id());
        catalog.put(
                entry == null
                        ? PluginEntry.shipped(descriptor.id(), descriptor.kind().text(), wanted)
                        : entry.withWanted(wanted));
    }

    Wanted wanted(String id) {
        return catalog.wanted(id);
    }

    /**
     * Makes a plugin count no more, also if it came with the broker.
     *
     * @throws RefusedException the metadata did not take it
     */
    void forget(PluginDescriptor descriptor) {
        String id = descriptor.id();
        if (delivered.contains(id)) {
            catalog.put(PluginEntry.shipped(id, descriptor.kind().text(), Wanted.REMOVED));
        } else {
            catalog.remove(id);
        }
    }

    /**
     * Deletes bundles that count no more. Only right behind a change that was committed: a node
     * that knows the metadata of yesterday would delete what was installed since.
     */
    void tidy() {
        try {
            List<String> names = bundles();
            var unused =
                    new ArrayList<>(names.stream().filter(it -> !space.holds(bundle(it))).toList());
            for (PluginEntry entry : catalog.entries()) {
                List<String> counting = names.stream().filter(it -> isOf(entry, it)).toList();
                if (unused.containsAll(counting)) {
                    unused.removeAll(counting); // it runs from the next start on
                }
            }
            unused.forEach(this::drop);
            dropLoneSignatures();
        } catch (IOException stay) {
            LOG.warn("Old bundles in data/plugins cannot be found: {}", stay.toString());
        }
    }

    /** A crash may leave one: it is written before its jar and deleted after it. */
    private void dropLoneSignatures() throws IOException {
        for (String name : data.list(DIRECTORY)) {
            if (name.endsWith(".jar.sig")
                    && !name.startsWith(UPLOAD)
                    && !data.exists(bundle(name).name().replaceFirst("\\.sig$", ""))) {
                drop(name);
            }
        }
    }

    private List<String> bundles() throws IOException {
        return data.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".jar") && !name.startsWith(UPLOAD))
                .toList();
    }

    private BundleFile bundle(String name) {
        return new BundleFile(data, data.root(), DIRECTORY + "/" + name);
    }

    @Override
    public void close() {
        space.close();
    }

    private void addShipped(String name, Map<String, Judged> wanted) {
        if (!name.endsWith(".jar") || shipped == null) {
            return;
        }
        var file = new BundleFile(shipped, shipped.root(), name);
        try {
            wanted.put(file.contents().descriptor().id(), new Judged(file, Origin.SHIPPED));
        } catch (RefusedException refused) {
            LOG.error("{}", refused.refusal().message());
        }
    }

    private static String fingerprint(Map<String, Judged> bundles) throws IOException {
        var all = new StringBuilder();
        for (Judged bundle : bundles.values()) {
            BundleFile file = bundle.file();
            all.append(file.location()).append(' ').append(file.identity()).append('\n');
        }
        return BundleFile.crc(all.toString());
    }

    private void override(PluginEntry entry, Map<String, Judged> wanted, List<PluginUnit> absent)
            throws IOException {
        if (entry.wanted() == Wanted.REMOVED) {
            wanted.remove(entry.id());
        } else if (!entry.hash().isEmpty()) {
            wanted.remove(entry.id());
            String fault = find(entry, wanted);
            if (fault != null) {
                space.forgetCache(); // Felix' complaint about a file that is gone helps nobody
                absent.add(AbsentUnit.of(entry, fault));
            }
        }
    }

    /** Adds the file of the entry; or says why there is none. */
    private @Nullable String find(PluginEntry entry, Map<String, Judged> wanted)
            throws IOException {
        String fault = "data/plugins holds no bundle with the hash " + entry.hash();
        for (String name : bundles()) {
            if (isOf(entry, name)) {
                BundleFile file = bundle(name);
                String found = file.hash();
                if (found.equals(entry.hash())) {
                    return judge(entry, file, wanted);
                }
                fault =
                        "data/%s has the hash %s, installed was %s: it was changed since"
                                .formatted(file.name(), found, entry.hash());
            }
        }
        return fault;
    }

    /** The hash is what was installed; whether its signer is still trusted is asked anew. */
    private @Nullable String judge(PluginEntry entry, BundleFile file, Map<String, Judged> wanted)
            throws IOException {
        try {
            wanted.put(entry.id(), new Judged(file, origin(file)));
            return null;
        } catch (RefusedException distrusted) {
            return distrusted.refusal().message();
        }
    }

    private List<PluginUnit> installAll(Map<String, Judged> wanted) throws IOException {
        var units = new ArrayList<PluginUnit>();
        var locations = new HashSet<String>();
        for (Judged bundle : wanted.values()) {
            locations.add(bundle.file().location());
            try {
                units.add(space.install(bundle));
            } catch (RefusedException refused) {
                LOG.error("{}", refused.refusal().message());
            }
        }
        space.retain(locations);
        return units;
    }

    private static String stem(PluginDescriptor descriptor, String hash) {
        return stem(descriptor.id(), descriptor.version(), hash);
    }

    /** Enough of the hash to tell files apart; the whole of it is checked. */
    private static String stem(String id, String version, String hash) {
        String digits = hash.substring(hash.indexOf(':') + 1);
        return "%s-%s-%s"
                .formatted(
                        id,
                        version.replaceAll("[^A-Za-z0-9.-]", "_"),
                        digits.substring(0, Math.min(16, digits.length())));
    }

    private static boolean isOf(PluginEntry entry, String name) {
        String stem = stem(entry.id(), entry.version(), entry.hash()) + "-";
        return !entry.hash().isEmpty()
                && name.startsWith(stem)
                && name.substring(stem.length()).matches("[0-9]+\\.jar");
    }

    private void drop(String name) {
        try {
            bundle(name).delete();
        } catch (IOException stays) {
            LOG.warn("data/plugins/{}, which nobody needs, cannot be deleted: {}", name, stays);
        }
    }

    /** Uploads of an earlier process, and its heap. */
    private void dropLeftovers() throws IOException {
        for (String name : data.list(DIRECTORY)) {
            if (name.startsWith(UPLOAD) || name.endsWith(".hprof")) {
                drop(name);
            }
        }
    }
}
