// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/** Says whether a listener may be open on an address. */
@FunctionalInterface
public interface BindRule {
    /** Null if it may; the refusal names the line to change. */
    @Nullable Refusal check(String listener, InetAddress address);
}
