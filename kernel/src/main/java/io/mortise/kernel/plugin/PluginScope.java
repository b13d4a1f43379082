// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.PluginConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What one run of a plugin holds of the kernel: closed in reverse order when it ends, however it
 * ends. Any thread.
 */
public final class PluginScope implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginScope.class);

    private final PluginDescriptor descriptor;
    private final PluginConfig config;
    private final ClassLoader loader;
    private final Deque<Registration> held = new ArrayDeque<>();
    private boolean closed;

    PluginScope(PluginDescriptor descriptor, PluginConfig config, ClassLoader loader) {
        this.descriptor = descriptor;
        this.config = config;
        this.loader = loader;
    }

    public PluginDescriptor descriptor() {
        return descriptor;
    }

    public PluginConfig config() {
        return config;
    }

    /** Context loader for every thread that runs the plugin's code. */
    public ClassLoader loader() {
        return loader;
    }

    /** Closes {@code registration} with the scope; at once if that is closed already. */
    public <R extends Registration> R add(R registration) {
        synchronized (this) {
            if (!closed) {
                held.push(registration);
                return registration;
            }
        }
        registration.close();
        return registration;
    }

    @Override
    public void close() {
        while (true) {
            Registration next;
            synchronized (this) {
                closed = true;
                if (held.isEmpty()) {
                    return;
                }
                next = held.pop();
            }
            try {
                next.close();
            } catch (RuntimeException failed) {
                LOG.error("Taking back what {} held failed", descriptor.title(), failed);
            }
        }
    }
}
