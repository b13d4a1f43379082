// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.runtime;

import org.osgi.annotation.versioning.ProviderType;

/** Time. Any thread. */
@ProviderType
public interface Clock {
    /** Milliseconds since 1970-01-01T00:00Z; may jump either way. */
    long wallMillis();

    /** Monotone nanoseconds from an arbitrary origin, for durations. */
    long nanoTime();
}
