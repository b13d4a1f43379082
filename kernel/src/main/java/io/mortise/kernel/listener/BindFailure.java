// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.net.InetAddress;
import java.util.List;

/** What the system says about a bind, in words that name the line to change. */
final class BindFailure {
    private BindFailure() {}

    static boolean inUse(Exception failed) {
        return String.valueOf(failed.getMessage()).contains("in use");
    }

    static RefusedException refusal(
            String listener, InetAddress address, int port, Exception failed) {
        String message = String.valueOf(failed.getMessage());
        String where = "port " + port + " on " + address.getHostAddress();
        if (inUse(failed)) {
            return refused(
                    listener,
                    where
                            + " is in use by another program: change listeners."
                            + listener
                            + ".port in mortise.yaml, or stop that program");
        }
        if (message.contains("Permission denied")) {
            return refused(
                    listener,
                    where
                            + " needs more rights than the broker has: choose one above 1023 in"
                            + " listeners."
                            + listener
                            + ".port in mortise.yaml");
        }
        return refused(
                listener,
                where
                        + " cannot be bound ("
                        + message
                        + "): change listeners."
                        + listener
                        + ".bind in mortise.yaml");
    }

    static RefusedException unknownHost(String listener, String host) {
        return refused(
                listener,
                "'"
                        + host
                        + "' is no address of this machine: change listeners."
                        + listener
                        + ".bind in mortise.yaml");
    }

    static RefusedException noAddress(String listener, List<String> addresses) {
        return refused(
                listener,
                "none of "
                        + addresses
                        + " is an address of this machine: change listeners."
                        + listener
                        + ".bind in mortise.yaml");
    }

    private static RefusedException refused(String listener, String what) {
        return new RefusedException(Reason.INVALID_CONFIG, "listener '" + listener + "': " + what);
    }
}
