// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.LogId;

import org.jspecify.annotations.Nullable;

/**
 * Something that an engine keeps and cannot serve.
 *
 * @param log whose; null if the bytes do not say it any more
 * @param file path within the engine's directory
 * @param fromOffset first offset that is refused; -1 if unknown
 * @param toOffset one past the last offset that is refused; -1 if unknown
 * @param problem what is wrong, in a sentence
 * @param remedy what the operator can do, in a sentence
 */
public record StorageProblem(
        @Nullable LogId log,
        String file,
        long fromOffset,
        long toOffset,
        String problem,
        String remedy) {}
