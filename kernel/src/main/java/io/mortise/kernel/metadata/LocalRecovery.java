// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/** Finds the newest snapshot, replays what follows it, cuts a torn tail. */
final class LocalRecovery {
    private final FileLayer files;
    private final String directory;

    LocalRecovery(FileLayer files, String directory) {
        this.files = files;
        this.directory = directory;
    }

    /**
     * @return the log to append to
     */
    FrameFile recover(MetadataLog.StateMachine machine) throws IOException {
        long first = restore(machine);
        long next = first;
        FrameFile active = null;
        List<String> names = files.list(directory);
        for (String name : names) {
            if (name.startsWith(LocalFiles.LOG)
                    && !name.endsWith(LocalFiles.TEMPORARY)
                    && LocalFiles.index(name) >= next) {
                if (active != null) {
                    active.close();
                }
                active = replay(name, next, machine);
                next = active.nextIndex();
            }
        }
        if (active == null) {
            active = LocalFiles.createLog(files, directory, next);
        }
        files.forceDirectory(directory); // a process that died may not have
        LocalFiles.deleteBelow(files, directory, first);
        return active;
    }

    /**
     * @return index of the first entry to replay
     */
    private long restore(MetadataLog.StateMachine machine) throws IOException {
        String newest = newestSnapshot();
        if (newest == null) {
            return 0;
        }
        machine.restore(SnapshotFile.read(files, path(newest)));
        return LocalFiles.index(newest);
    }

    private @Nullable String newestSnapshot() throws IOException {
        String newest = null;
        for (String name : files.list(directory)) {
            if (name.startsWith(LocalFiles.SNAPSHOT) && !name.endsWith(LocalFiles.TEMPORARY)) {
                newest = name;
            }
        }
        return newest;
    }

    private FrameFile replay(String name, long expected, MetadataLog.StateMachine machine)
            throws IOException {
        FrameFile file = FrameFile.open(files, path(name), LocalFiles.LOG_MAGIC);
        if (file.firstIndex() != expected) {
            file.close();
            throw new MetadataFormatException(
                    path(name)
                            + ": begins with entry "
                            + file.firstIndex()
                            + ", expected "
                            + expected);
        }
        file.readAll().forEach(machine::apply);
        if (file.torn()) {
            file.cutToDurable();
        }
        file.harden();
        return file;
    }

    private String path(String name) {
        return directory + "/" + name;
    }
}
