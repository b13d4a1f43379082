// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;

/** What sessions count. */
final class SessionCounters {
    /** QoS 0 messages dropped because their subscriber was too far behind. */
    final Counter droppedQos0;

    /** Offsets that retention let go before the session came to them. */
    final Counter overtaken;

    /** Messages handed to receivers. */
    final Counter delivered;

    /** Connections that another one took over. */
    final Counter takenOver;

    /** Records of the logs of small state that were read to make memory of them. */
    final Counter replayed;

    /** States of a damaged log that cannot be told any more. */
    final Counter lostStates;

    /** States of a damaged log that may lack a change. */
    final Counter doubtfulStates;

    SessionCounters(Metrics metrics) {
        replayed =
                metrics.counter(
                        "mortise_session_replayed_records_total",
                        "Records of the broker's own logs of sessions and retained messages read");
        lostStates =
                metrics.counter(
                        "mortise_session_lost_states_total",
                        "States lost with damaged offsets of the broker's own logs");
        doubtfulStates =
                metrics.counter(
                        "mortise_session_doubtful_states_total",
                        "States that may lack what damaged offsets of the broker's logs held");
        droppedQos0 =
                metrics.counter(
                        "mortise_session_qos0_dropped_messages_total",
                        "QoS 0 messages dropped because their subscriber was too far behind");
        overtaken =
                metrics.counter(
                        "mortise_session_overtaken_offsets_total",
                        "Offsets of topics let go before a session came to them");
        delivered =
                metrics.counter(
                        "mortise_session_delivered_messages_total",
                        "Messages handed to connections");
        takenOver =
                metrics.counter(
                        "mortise_session_takeovers_total",
                        "Sessions taken over by another connection");
    }
}
