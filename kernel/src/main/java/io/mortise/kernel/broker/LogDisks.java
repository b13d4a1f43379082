// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** The directories that keep logs, as they lie on the machine. Any thread; may block. */
final class LogDisks {
    private final DiskFileLayer data;
    private final List<Path> others;
    private final BiFunction<Path, FileLayer, FileLayer> around;

    /**
     * @param others of {@code logs.directories}, absolute
     * @param around what stands between the logs and a directory
     * @throws RefusedException one lies in another
     */
    LogDisks(DiskFileLayer data, List<Path> others, BiFunction<Path, FileLayer, FileLayer> around) {
        this.data = data;
        this.others = List.copyOf(others);
        this.around = around;
        List<Path> seen = new ArrayList<>(List.of(data.root()));
        for (Path other : others) {
            for (Path one : seen) {
                refuseNested(other, one);
            }
            seen.add(other);
        }
    }

    private static void refuseNested(Path other, Path one) {
        if (other.startsWith(one) || one.startsWith(other)) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "logs.directories: "
                            + other
                            + " and "
                            + one
                            + " are the same or one lies in the other; each needs a disk of its"
                            + " own to be of use");
        }
    }

    /** The data directory, looked at as the others are. */
    LogDirectory primary() {
        return LogDirectory.primary("data", around.apply(data.root(), data));
    }

    /** Those of {@code logs.directories}. */
    List<LogDirectory> others() {
        List<LogDirectory> all = new ArrayList<>();
        for (Path path : others) {
            LogDirectory.Source source =
                    create ->
                            around.apply(
                                    path,
                                    create
                                            ? new DiskFileLayer(path)
                                            : DiskFileLayer.existing(path));
            all.add(LogDirectory.other(all.size() + 1, path.toString(), source));
        }
        return all;
    }

    /** Where a directory lies. */
    Path root(LogDirectory directory) {
        return directory.isPrimary() ? data.root() : others.get(directory.number() - 1);
    }

    /** The files of an engine; made if absent, but the directory is not. */
    DiskFileLayer below(LogDirectory directory, String engine) throws IOException {
        return layer(directory).below(of(engine));
    }

    /** The files of a directory that is there. */
    DiskFileLayer layer(LogDirectory directory) throws IOException {
        return directory.isPrimary() ? data : DiskFileLayer.existing(root(directory));
    }

    /** What logs see of files of that directory. */
    FileLayer around(LogDirectory directory, FileLayer files) {
        return around.apply(root(directory), files);
    }

    /** Below the directory. */
    static String of(String engine) {
        return "logs/" + engine;
    }
}
