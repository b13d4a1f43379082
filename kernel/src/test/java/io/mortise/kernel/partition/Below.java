// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.util.List;

/** A folder of a disk, made if absent. */
record Below(FileLayer disk, String folder) implements FileLayer {
    static Below of(FileLayer disk, String folder) throws IOException {
        disk.createDirectories(folder);
        return new Below(disk, folder);
    }

    private String at(String path) {
        return path.isEmpty() ? folder : folder + "/" + path;
    }

    @Override
    public StorageFile open(String path, OpenMode mode) throws IOException {
        return disk.open(at(path), mode);
    }

    @Override
    public boolean exists(String path) throws IOException {
        return disk.exists(at(path));
    }

    @Override
    public List<String> list(String directory) throws IOException {
        return disk.list(at(directory));
    }

    @Override
    public void createDirectories(String directory) throws IOException {
        disk.createDirectories(at(directory));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(at(from), at(to));
    }

    @Override
    public void delete(String path) throws IOException {
        disk.delete(at(path));
    }

    @Override
    public void forceDirectory(String directory) throws IOException {
        disk.forceDirectory(at(directory));
    }

    @Override
    public long usableBytes() throws IOException {
        return disk.usableBytes();
    }

    @Override
    public Registration lock(String path) throws IOException {
        return disk.lock(at(path));
    }
}
