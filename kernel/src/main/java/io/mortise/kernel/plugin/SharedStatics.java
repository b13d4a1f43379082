// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.util.List;
import java.util.Map;

/**
 * Classes of shared libraries whose static initialiser makes an exception, and with it keeps every
 * class on the stack for ever. They are initialised from here, before a plugin's thread is the
 * first to touch them and its classes stay in memory.
 */
final class SharedStatics {
    private static final List<String> ALWAYS =
            List.of(
                    "io.netty.util.concurrent.ImmediateEventExecutor",
                    "io.netty.util.concurrent.GlobalEventExecutor");

    private static final Map<String, String> BY_PACKAGE =
            Map.of(
                    "io.netty.handler.codec.http",
                    "io.netty.handler.codec.http.HttpObjectDecoder",
                    "io.netty.handler.codec.http2",
                    "io.netty.handler.codec.http2.Http2Exception");

    private SharedStatics() {}

    /** Initialises what a plugin with these imports may reach. */
    static void prepare(String importHeader) {
        ALWAYS.forEach(SharedStatics::initialise);
        for (ManifestHeader.Clause clause : ManifestHeader.parse(importHeader)) {
            for (String name : clause.paths()) {
                String type = BY_PACKAGE.get(name);
                if (type != null) {
                    initialise(type);
                }
            }
        }
    }

    private static void initialise(String type) {
        try {
            Class.forName(type, true, SharedStatics.class.getClassLoader());
        } catch (ClassNotFoundException notShared) {
            throw new IllegalStateException(type + " is exported but not here", notShared);
        }
    }
}
