// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What operators want of plugins, kept over restarts in {@code plugins/catalog.json}. */
final class PluginCatalog {
    private static final String FILE = "plugins/catalog.json";
    private static final String FRESH = "plugins/catalog.json.new";

    private final FileLayer files;
    private final Map<String, Entry> entries = new TreeMap<>();

    private PluginCatalog(FileLayer files) {
        this.files = files;
    }

    /**
     * One plugin.
     *
     * @param file of an installed bundle below data/; null for the one that came with the broker
     * @param identity of the file as the framework cached it
     * @param wanted what is to be after a restart
     * @param pending file of the version that the next start installs
     */
    record Entry(
            @Nullable String file,
            @Nullable String identity,
            Wanted wanted,
            @Nullable String pending) {
        static final Entry SHIPPED = new Entry(null, null, Wanted.ACTIVE, null);

        Entry withFile(@Nullable String newFile) {
            return new Entry(newFile, null, wanted, null);
        }

        Entry withIdentity(String newIdentity) {
            return new Entry(file, newIdentity, wanted, pending);
        }

        Entry withWanted(Wanted newWanted) {
            return new Entry(file, identity, newWanted, pending);
        }

        Entry withPending(String newPending) {
            return new Entry(file, identity, wanted, newPending);
        }
    }

    /** What is to be. */
    enum Wanted {
        ACTIVE,
        STOPPED,
        /** Also where it came with the broker. */
        REMOVED
    }

    static PluginCatalog open(FileLayer files) throws IOException {
        var catalog = new PluginCatalog(files);
        files.createDirectories("plugins");
        if (files.exists(FILE)) {
            catalog.read();
        }
        return catalog;
    }

    synchronized Map<String, Entry> entries() {
        return new LinkedHashMap<>(entries);
    }

    synchronized Entry entry(String id) {
        return entries.getOrDefault(id, Entry.SHIPPED);
    }

    /** Changes an entry; durable when this returns. */
    synchronized void put(String id, Entry entry) {
        if (!entry.equals(entries.put(id, entry))) {
            save();
        }
    }

    private void read() throws IOException {
        try (StorageFile file = files.open(FILE, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            for (Map.Entry<String, @Nullable Object> row : Json.object(bytes.array()).entrySet()) {
                if (row.getValue() instanceof Map<?, ?> fields) {
                    entries.put(row.getKey(), entry(fields));
                }
            }
        }
    }

    private static Entry entry(Map<?, ?> fields) {
        return new Entry(
                (String) fields.get("file"),
                (String) fields.get("identity"),
                Wanted.valueOf(String.valueOf(fields.get("wanted"))),
                (String) fields.get("pending"));
    }

    private void save() {
        var rows = new LinkedHashMap<String, Object>();
        entries.forEach((id, entry) -> rows.put(id, row(entry)));
        try {
            files.delete(FRESH);
            try (StorageFile file = files.open(FRESH, OpenMode.CREATE_NEW)) {
                file.write(ByteBuffer.wrap(Json.bytes(rows)), 0);
                file.force();
            }
            files.rename(FRESH, FILE);
            files.forceDirectory("plugins");
        } catch (IOException failed) {
            throw new IllegalStateException("cannot write data/" + FILE, failed);
        }
    }

    private static Map<String, @Nullable Object> row(Entry entry) {
        var row = new LinkedHashMap<String, @Nullable Object>();
        row.put("file", entry.file());
        row.put("identity", entry.identity());
        row.put("wanted", entry.wanted().name());
        row.put("pending", entry.pending());
        return row;
    }
}
