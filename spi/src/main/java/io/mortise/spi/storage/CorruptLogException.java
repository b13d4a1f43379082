// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import java.io.IOException;

/**
 * Bytes of a log that fail their check. The message names log, file and offset. A range of a log
 * that fails is refused, never served; what lies on both sides of it is served.
 */
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long nextOffset;

    /** Where no range of offsets can be said. */
    public CorruptLogException(String message) {
        this(message, "", -1, -1);
    }

    /**
     * A range that is refused.
     *
     * @param file path within the engine's directory
     * @param offset first offset of the range, at or below the one that was asked for
     * @param nextOffset first offset behind the range, where a reader may go on
     */
    public CorruptLogException(String message, String file, long offset, long nextOffset) {
        super(message);
        this.file = file;
        this.offset = offset;
        this.nextOffset = nextOffset;
    }

    /** Path within the engine's directory; empty if unknown. */
    public String file() {
        return file;
    }

    /** First offset that is refused; -1 if unknown. */
    public long offset() {
        return offset;
    }

    /** Where a reader may go on; -1 if unknown: then the log cannot be read at all. */
    public long nextOffset() {
        return nextOffset;
    }
}
