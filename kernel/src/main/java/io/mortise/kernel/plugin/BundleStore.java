// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginCatalog.Entry;
import io.mortise.kernel.plugin.PluginCatalog.Wanted;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where bundles lie: the directory that came with the broker, and {@code data/plugins} for what
 * operators installed. Which of them count is in the catalog.
 */
public final class BundleStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BundleStore.class);
    private static final String DIRECTORY = "plugins";

    private final DiskFileLayer data;
    private final @Nullable DiskFileLayer shipped;
    private final SystemExports exports;
    private final PluginCatalog catalog;
    private final BundleSpace space;
    private final AtomicLong uploads;

    /**
     * @param data the broker's data directory
     * @param shipped the directory of bundles that came with the broker, or null
     * @param seed of the names of uploads, different at each start
     */
    public BundleStore(
            DiskFileLayer data, @Nullable DiskFileLayer shipped, SystemExports exports, long seed)
            throws IOException {
        this.data = data;
        this.shipped = shipped;
        this.exports = exports;
        this.catalog = PluginCatalog.open(data);
        this.space = new BundleSpace(data, exports);
        this.uploads = new AtomicLong(seed);
        dropStale();
    }

    SystemExports exports() {
        return exports;
    }

    /** Every bundle that counts, installed in the framework; broken files are logged and left. */
    List<BundleUnit> units() throws IOException {
        var wanted = new TreeMap<String, BundleFile>();
        if (shipped != null) {
            for (String name : shipped.list("")) {
                addShipped(name, wanted);
            }
        }
        catalog.entries().forEach((id, entry) -> override(id, entry, wanted));
        return installAll(wanted);
    }

    BundleFile receive(InputStream bundle) throws IOException {
        String name = DIRECTORY + "/upload-" + uploads.incrementAndGet() + ".jar";
        try (StorageFile file = data.open(name, OpenMode.CREATE_NEW)) {
            byte[] chunk = new byte[64 << 10];
            long position = 0;
            for (int count = bundle.read(chunk); count >= 0; count = bundle.read(chunk)) {
                file.write(ByteBuffer.wrap(chunk, 0, count), position);
                position += count;
            }
            file.force();
        }
        return new BundleFile(data, data.root(), name);
    }

    void discard(BundleFile received) throws IOException {
        data.delete(received.name());
    }

    /** Keeps a received bundle under its own name and makes it count. */
    BundleUnit install(BundleFile received, PluginDescriptor descriptor) throws IOException {
        BundleUnit unit = prepare(received, descriptor);
        adopt(unit);
        return unit;
    }

    /** Keeps a received bundle under its own name; it does not count yet. */
    BundleUnit prepare(BundleFile received, PluginDescriptor descriptor) throws IOException {
        return space.install(keep(received, descriptor), null);
    }

    /** Makes the bundle count from now on, and drops the file that counted before. */
    void adopt(BundleUnit unit) throws IOException {
        String id = unit.descriptor().id();
        Entry before = catalog.entry(id);
        Entry wanted =
                before.wanted() == Wanted.REMOVED ? before.withWanted(Wanted.ACTIVE) : before;
        String file = unit.file().name();
        catalog.put(id, wanted.withFile(file).withIdentity(unit.file().identity()));
        drop(before.file(), file);
    }

    void installAtRestart(BundleFile received, PluginDescriptor descriptor) throws IOException {
        BundleFile kept = keep(received, descriptor);
        catalog.put(descriptor.id(), catalog.entry(descriptor.id()).withPending(kept.name()));
    }

    void want(String id, Wanted wanted) {
        catalog.put(id, catalog.entry(id).withWanted(wanted));
    }

    Wanted wanted(String id) {
        return catalog.entry(id).wanted();
    }

    void remove(String id) {
        String before = catalog.entry(id).file();
        catalog.put(id, Entry.SHIPPED.withWanted(Wanted.REMOVED));
        drop(before, "");
    }

    @Override
    public void close() {
        space.close();
    }

    private void addShipped(String name, Map<String, BundleFile> wanted) {
        if (!name.endsWith(".jar") || shipped == null) {
            return;
        }
        var file = new BundleFile(shipped, shipped.root(), name);
        try {
            wanted.put(file.contents().descriptor().id(), file);
        } catch (RefusedException refused) {
            LOG.error("{}", refused.refusal().message());
        }
    }

    private void override(String id, Entry entry, Map<String, BundleFile> wanted) {
        if (entry.wanted() == Wanted.REMOVED) {
            wanted.remove(id);
            return;
        }
        String file = entry.pending() == null ? entry.file() : entry.pending();
        if (file != null) {
            wanted.put(id, new BundleFile(data, data.root(), file));
        }
    }

    private List<BundleUnit> installAll(Map<String, BundleFile> wanted) throws IOException {
        var units = new ArrayList<BundleUnit>();
        var locations = new HashSet<String>();
        for (Map.Entry<String, BundleFile> bundle : wanted.entrySet()) {
            locations.add(bundle.getValue().location());
            try {
                units.add(install(bundle.getKey(), bundle.getValue()));
            } catch (RefusedException refused) {
                LOG.error("{}", refused.refusal().message());
            }
        }
        space.retain(locations);
        return units;
    }

    private BundleUnit install(String id, BundleFile file) throws IOException {
        Entry entry = catalog.entry(id);
        BundleUnit unit = space.install(file, entry.identity());
        boolean upgraded = file.name().equals(entry.pending());
        Entry installed = upgraded ? entry.withFile(file.name()) : entry;
        catalog.put(id, installed.withIdentity(file.identity()));
        if (upgraded) {
            drop(entry.file(), file.name());
        }
        return unit;
    }

    private BundleFile keep(BundleFile received, PluginDescriptor descriptor) throws IOException {
        String name =
                "%s/%s-%s-%s.jar"
                        .formatted(
                                DIRECTORY,
                                descriptor.id(),
                                descriptor.version().replaceAll("[^A-Za-z0-9.-]", "_"),
                                received.name().replaceAll("[^0-9]", ""));
        data.rename(received.name(), name);
        data.forceDirectory(DIRECTORY);
        return new BundleFile(data, data.root(), name);
    }

    private void drop(@Nullable String file, String unless) {
        if (file == null || file.equals(unless)) {
            return;
        }
        try {
            data.delete(file);
        } catch (IOException stays) {
            LOG.warn("The old bundle data/{} could not be deleted: {}", file, stays.toString());
        }
    }

    /** Uploads of an earlier process, and bundles that count no more. */
    private void dropStale() throws IOException {
        Set<String> counting = new HashSet<>();
        catalog.entries()
                .values()
                .forEach(
                        entry -> {
                            counting.add(String.valueOf(entry.file()));
                            counting.add(String.valueOf(entry.pending()));
                        });
        for (String name : data.list(DIRECTORY)) {
            String file = DIRECTORY + "/" + name;
            if (name.endsWith(".jar") && !counting.contains(file)) {
                drop(file, "");
            }
        }
    }
}
