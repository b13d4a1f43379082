// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Something registered with the kernel; closing it takes it back. Closing twice does nothing. Any
 * thread.
 */
@FunctionalInterface
public interface Registration extends AutoCloseable {
    @Override
    void close();
}
