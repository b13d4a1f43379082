// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

/**
 * A stream listener that a plugin asks for.
 *
 * @param name the key below {@code listeners:} in mortise.yaml, and what clients' endpoints are
 *     advertised under
 * @param defaultPort the port that the protocol's clients expect
 * @param detector says whether first bytes are this protocol's, so that several plugins may share a
 *     port
 * @param firstFrameTimeoutSeconds a connection that has not called {@link Connection#established}
 *     by then is closed
 */
public record ListenerSpec(
        String name, int defaultPort, Detector detector, int firstFrameTimeoutSeconds) {}
