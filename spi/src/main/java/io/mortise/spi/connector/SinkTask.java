// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.connector;

import org.osgi.annotation.versioning.ConsumerType;

import java.util.List;
import java.util.Map;

/**
 * One running task. All calls come from one thread at a time, with the plugin's loader as context
 * loader, and may block. A failure is thrown: {@link RetriableSinkException} is tried again with
 * growing pauses (after {@link #stop} and a new {@link #start}), everything else fails the
 * connector until an operator restarts it.
 */
@ConsumerType
public interface SinkTask extends AutoCloseable {
    /**
     * Connects.
     *
     * @return the next offset to deliver per partition, as stored with the data in the other
     *     system; the kernel goes on there. A partition that is absent begins at the log's start
     */
    Map<SinkPartition, Long> start(List<SinkPartition> partitions) throws Exception;

    /**
     * Writes records of one or several partitions, in order per partition, with their offsets in
     * one transaction. When it returns, they are safe.
     *
     * @return records that cannot ever be written, with the reason; the kernel counts and reports
     *     them
     */
    List<RejectedRecord> put(List<SinkRecord> records) throws Exception;

    /** Disconnects; may be followed by {@link #start}. */
    void stop();

    @Override
    void close();

    /** A partition of a topic. */
    record SinkPartition(String topic, int partition) {}

    /** A record that the other system will never take. */
    record RejectedRecord(SinkRecord source, String why) {}
}
