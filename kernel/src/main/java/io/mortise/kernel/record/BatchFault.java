// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

/** What is wrong with bytes that should be a batch. */
public enum BatchFault {
    /** Nothing. */
    NONE,
    /** Fewer bytes than the batch declares. */
    TRUNCATED,
    /** A version other than 2. */
    UNSUPPORTED_MAGIC,
    /** The checksum does not match. */
    CORRUPT,
    /** A codec number that does not exist. */
    UNKNOWN_COMPRESSION,
    /** Record count and last offset delta contradict each other or the records. */
    BAD_COUNT,
    /** A record or its compression cannot be read. */
    MALFORMED_RECORD,
    /** The records would be larger than the bound once decompressed. */
    TOO_LARGE
}
