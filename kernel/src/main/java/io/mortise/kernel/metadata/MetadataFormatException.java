// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import java.io.IOException;

/**
 * Metadata that this version cannot read: corrupt, or written by a newer one. The message says
 * which, and where.
 */
public final class MetadataFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public MetadataFormatException(String message) {
        super(message);
    }

    public MetadataFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
