// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;
import java.util.List;

/** Optional ability of a {@link StorageEngine}: says whether what it keeps is still as written. */
@ConsumerType
public interface CheckableStorage {
    /**
     * Reads back and checks every batch of every log, from the medium where the operating system
     * does not have it. Any thread, beside everything else; takes as long as reading all bytes
     * does.
     *
     * @return what is wrong, in no order; empty if nothing is
     * @throws IOException reading was not possible for another reason than wrong bytes
     */
    List<StorageProblem> check() throws IOException;
}
