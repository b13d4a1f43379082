// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.RetainedSink;

/** What a session asks of the registry. */
interface SessionHost {
    RetainedMessages retained();

    /** Where retained messages are copied to. */
    RetainedSink copies();

    SessionCounters counters();

    /** Where exactly-once publishes are noted, so that recovery finds them. */
    ExactlyOnceMarks marks();

    /** Positions that nobody knows yet. */
    UnsettledPositions unsettled();
}
