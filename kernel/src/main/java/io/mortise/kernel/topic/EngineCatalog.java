// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Durability;

import java.util.Map;
import java.util.Set;

/**
 * The storage engines that this node has, as the plugin host knows them. Any thread, without
 * waiting.
 */
@FunctionalInterface
public interface EngineCatalog {
    /** What each engine can give, by the name that {@code storage.engine} chooses it by. */
    Map<String, Set<Durability>> engines();
}
