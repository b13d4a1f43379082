// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.connector;

import java.util.List;

/**
 * How a connector is, as shown to operators.
 *
 * @param attempts starts since the last success
 * @param lastError in plain words, empty if there was none
 * @param written records that the other system has, since the task began
 * @param rejected records that fit nowhere and were skipped, since the task began
 * @param lastRejected the newest of them, with the reason
 */
public record ConnectorStatus(
        State state,
        int attempts,
        String lastError,
        long written,
        long rejected,
        List<String> lastRejected,
        List<PartitionLag> lag) {
    public ConnectorStatus {
        lastRejected = List.copyOf(lastRejected);
        lag = List.copyOf(lag);
    }

    /** What it does now. */
    public enum State {
        /** Its plugin is not there or not started. */
        UNASSIGNED,
        /** Kept, but told not to run. */
        PAUSED,
        RUNNING,
        /** The other system is away: tried again after a pause. */
        RETRYING,
        /** Needs an operator: mend and restart. */
        FAILED
    }

    /**
     * How far behind it is.
     *
     * @param position the next offset that it writes
     * @param lag records between that and the high watermark
     */
    public record PartitionLag(String topic, int partition, long position, long lag) {}
}
