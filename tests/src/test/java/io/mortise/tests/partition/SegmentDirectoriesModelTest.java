// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.partition;

import io.mortise.kernel.partition.DirectoriesModelSuite;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.storage.segment.SegmentStorageProvider;

import java.util.Map;

class SegmentDirectoriesModelTest extends DirectoriesModelSuite {
    @Override
    protected StorageEngineProvider provider() {
        return new SegmentStorageProvider();
    }

    /** So small that few batches meet every limit. */
    @Override
    protected Map<String, String> settings() {
        return SegmentUnderTest.SMALL;
    }
}
