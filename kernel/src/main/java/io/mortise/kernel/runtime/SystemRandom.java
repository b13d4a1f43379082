// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/** The machine's randomness. */
public final class SystemRandom {
    private SystemRandom() {}

    /** A cryptographically strong source that any thread may use; never blocks after start. */
    public static RandomGenerator secure() {
        return new SecureRandom();
    }
}
