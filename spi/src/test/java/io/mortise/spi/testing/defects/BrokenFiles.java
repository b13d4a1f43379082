// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.ForwardingFileLayer;

import java.io.IOException;

/** Ways to use files wrongly. */
final class BrokenFiles {
    private BrokenFiles() {}

    static FileLayer skippingForce(FileLayer files) {
        return new ForwardingFileLayer(files) {
            @Override
            protected StorageFile around(StorageFile file) {
                return new File(file) {
                    @Override
                    public void force() {}
                };
            }
        };
    }

    static FileLayer skippingEverySecondForce(FileLayer files) {
        int[] forces = {0};
        return new ForwardingFileLayer(files) {
            @Override
            protected StorageFile around(StorageFile file) {
                return new File(file) {
                    @Override
                    public void force() throws IOException {
                        if (!path().endsWith(".data") || forces[0]++ % 2 == 0) {
                            super.force();
                        }
                    }
                };
            }
        };
    }

    static FileLayer skippingForceOfDirectories(FileLayer files) {
        return new ForwardingFileLayer(files) {
            @Override
            public void forceDirectory(String directory) {}
        };
    }

    static FileLayer swallowingFailedForces(FileLayer files) {
        return new ForwardingFileLayer(files) {
            @Override
            protected StorageFile around(StorageFile file) {
                return new File(file) {
                    @Override
                    public void force() {
                        try {
                            super.force();
                        } catch (IOException unheard) {
                            // that is the defect
                        }
                    }
                };
            }
        };
    }

    static FileLayer keepingOpen(FileLayer files) {
        return new ForwardingFileLayer(files) {
            @Override
            protected StorageFile around(StorageFile file) {
                return new File(file) {
                    @Override
                    public void close() {}
                };
            }
        };
    }
}
