// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.backup.BackupRun;
import io.mortise.kernel.backup.BackupSource;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code /backups}: copies of everything, one at a time. */
public final class BackupRoutes {
    private final Source source;
    private final AtomicBoolean running = new AtomicBoolean();

    /** Gives what a backup that begins now is made of. */
    @FunctionalInterface
    public interface Source {
        BackupSource now() throws IOException;
    }

    private BackupRoutes(Source source) {
        this.source = source;
    }

    /** Adds the route. */
    public static void add(AdminRouter router, Source source) {
        router.route("POST", "/backups", new BackupRoutes(source)::create);
    }

    private Object create(AdminCall call) throws IOException {
        Path file = file(call.body("file").text("file"));
        if (!running.compareAndSet(false, true)) {
            throw new RefusedException(Reason.BUSY, "another backup is being made");
        }
        try {
            return create(file);
        } finally {
            running.set(false);
        }
    }

    private static Path file(String text) {
        try {
            Path file = Path.of(text).normalize();
            if (file.isAbsolute() && file.getFileName() != null) {
                return file;
            }
        } catch (InvalidPathException wrong) {
            throw AdminCall.invalid("'file': " + wrong.getMessage());
        }
        throw AdminCall.invalid(
                "'file' must be an absolute path on the broker's machine, not '" + text + "'");
    }

    private Object create(Path file) throws IOException {
        BackupSource now = source.now();
        String name = String.valueOf(file.getFileName());
        Path folder = file.resolveSibling("");
        BackupRun.Made made;
        try {
            made = BackupRun.create(now, DiskFileLayer.ownerOnly(folder), name);
        } catch (NotDirectoryException absent) {
            throw AdminCall.invalid("'file': there is no directory " + folder);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", file.toString());
        row.put("clusterId", now.about().clusterId());
        row.put("logs", made.logs());
        row.put("batches", made.batches());
        row.put("bytes", made.bytes());
        row.put("leftOut", made.leftOut());
        return row;
    }
}
