// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.ForwardingFileLayer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** Real files on a disk that fails while a switch is on: opening, writing, forcing. */
final class FailingFiles extends ForwardingFileLayer {
    private final AtomicBoolean failing;

    FailingFiles(FileLayer files, AtomicBoolean failing) {
        super(files);
        this.failing = failing;
    }

    private void check(String what) throws IOException {
        if (failing.get()) {
            throw new IOException(what + ": Input/output error");
        }
    }

    @Override
    public StorageFile open(String path, OpenMode mode) throws IOException {
        check("open of '" + path + "'");
        return super.open(path, mode);
    }

    @Override
    public void forceDirectory(String directory) throws IOException {
        check("force of '" + directory + "'");
        super.forceDirectory(directory);
    }

    @Override
    protected StorageFile around(StorageFile file) {
        return new File(file) {
            @Override
            public void write(ByteBuffer source, long position) throws IOException {
                check("write to '" + path() + "'");
                super.write(source, position);
            }

            @Override
            public void write(ByteBuffer[] sources, long position) throws IOException {
                check("write to '" + path() + "'");
                super.write(sources, position);
            }

            @Override
            public void force() throws IOException {
                check("force of '" + path() + "'");
                super.force();
            }
        };
    }
}
