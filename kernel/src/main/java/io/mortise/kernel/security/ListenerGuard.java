// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.config.ListenerConfig;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * No stranger from another machine: a listener for messages beyond loopback needs users and no
 * anonymous clients.
 */
public final class ListenerGuard {
    private ListenerGuard() {}

    /**
     * Judges where a listener is to be bound. Resolves names, so it may block.
     *
     * @param users whether there is any user
     * @return null, or a refusal that names the line to change
     */
    public static @Nullable Refusal check(
            BrokerConfig config, ListenerConfig listener, boolean users) {
        for (String address : listener.bind()) {
            Refusal refusal = check(config, listener, address, users);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private static @Nullable Refusal check(
            BrokerConfig config, ListenerConfig listener, String address, boolean users) {
        try {
            if (InetAddress.getByName(address).isLoopbackAddress()) {
                return null;
            }
        } catch (UnknownHostException e) {
            return refused(
                    listener, address, "is no address of this machine and no name that resolves");
        }
        if (config.anonymous()) {
            return refused(
                    listener,
                    address,
                    "can be reached from other machines, while clients without credentials are let"
                            + " in: set 'security.anonymous: false' ("
                            + config.anonymousWhere()
                            + "), or bind to 127.0.0.1 and ::1");
        }
        return users
                ? null
                : refused(
                        listener,
                        address,
                        "can be reached from other machines, while there is no user: start with"
                                + " 'bind: [127.0.0.1, \"::1\"]' and add one (or name it in"
                                + " conf/users.yaml)");
    }

    private static Refusal refused(ListenerConfig listener, String address, String why) {
        return new Refusal(
                Reason.INVALID_CONFIG,
                listener.where()
                        + ": listener '"
                        + listener.name()
                        + "' on "
                        + address
                        + " "
                        + why);
    }
}
