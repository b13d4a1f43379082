// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

/**
 * A plugin that the cluster runs.
 *
 * @param hash of the bundle's bytes: {@code sha256:} and 64 hexadecimal digits
 * @param enabled false: installed, but stopped by an operator
 */
public record PluginEntry(String id, String version, String hash, boolean enabled) {}
