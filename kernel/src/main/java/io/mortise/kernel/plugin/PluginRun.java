// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginActivator.ActivePlugin;
import io.mortise.kernel.runtime.DisposableThreads;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.plugin.PluginConfig;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One run of one version of a plugin, from its start until nothing of it is left. */
final class PluginRun {
    private static final Logger LOG = LoggerFactory.getLogger(PluginRun.class);
    private static final long THREADS_END_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PluginUnit unit;
    private final List<ActivePlugin> active = new CopyOnWriteArrayList<>();
    private @Nullable PluginScope scope;

    private PluginRun(PluginUnit unit, PluginScope scope) {
        this.unit = unit;
        this.scope = scope;
    }

    /**
     * Starts every provider of the unit.
     *
     * @throws RefusedException in plain words: what is wrong, which plugin, what to do. Nothing of
     *     the plugin is left running then
     */
    static PluginRun start(
            PluginUnit unit, PluginConfig config, Map<String, PluginActivator<?>> activators) {
        List<String> faults = unit.faults();
        if (!faults.isEmpty()) {
            throw new RefusedException(Reason.INVALID_REQUEST, String.join("; ", faults));
        }
        ClassLoader loader = unit.open();
        var run = new PluginRun(unit, new PluginScope(unit.descriptor(), config, loader));
        try {
            DisposableThreads.call(
                    "mortise-start-" + unit.descriptor().id(),
                    loader,
                    () -> {
                        run.startAll(activators);
                        return true;
                    });
            return run;
        } catch (Throwable failed) {
            RefusedException told = told(unit.descriptor(), failed);
            run.stop(0);
            throw told;
        }
    }

    boolean ready() {
        for (ActivePlugin plugin : active) {
            if (!plugin.ready()) {
                return false;
            }
        }
        return true;
    }

    PluginUnit unit() {
        return unit;
    }

    /**
     * Stops, waits for the plugin's threads, gives up its classes.
     *
     * @return the loader, which should be collectable now, and what went wrong; called once
     */
    Ended stop(long drainNanos) {
        PluginScope ending = java.util.Objects.requireNonNull(scope);
        var faults = new ArrayList<String>();
        try {
            DisposableThreads.call(
                    "mortise-stop-" + unit.descriptor().id(),
                    ending.loader(),
                    () -> {
                        stopAll(drainNanos, faults);
                        return true;
                    });
        } catch (Exception bug) {
            throw new IllegalStateException(bug);
        }
        ending.close();
        scope = null;
        active.clear();
        return release(ending.loader(), faults);
    }

    /** How a run ended. */
    record Ended(LoaderLeaks.@Nullable Suspect suspect, List<String> faults) {}

    private Ended release(ClassLoader loader, List<String> faults) {
        if (!unit.unloads()) {
            return new Ended(null, faults);
        }
        awaitThreads(loader, faults);
        var suspect = new LoaderLeaks.Suspect(unit.descriptor().title(), loader);
        unit.close();
        return new Ended(suspect, faults);
    }

    private void startAll(Map<String, PluginActivator<?>> activators) throws Exception {
        for (String service : unit.descriptor().provides()) {
            PluginActivator<?> activator = activators.get(service);
            if (activator == null) {
                throw new RefusedException(
                        Reason.UNSUPPORTED,
                        unit.descriptor().title()
                                + " provides "
                                + service
                                + ", which this broker does not know: upgrade the broker");
            }
            startProviders(activator);
        }
    }

    private <P> void startProviders(PluginActivator<P> activator) throws Exception {
        PluginScope starting = java.util.Objects.requireNonNull(scope);
        boolean any = false;
        for (ServiceLoader.Provider<P> provider :
                ServiceLoader.load(activator.service(), starting.loader()).stream().toList()) {
            if (mine(provider.type(), starting.loader())) {
                any = true;
                active.add(activator.start(starting, provider.get()));
            }
        }
        if (!any) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    unit.descriptor().title()
                            + " has no provider of "
                            + activator.service().getName()
                            + ": list its class in META-INF/services and build it again");
        }
    }

    private boolean mine(Class<?> type, ClassLoader loader) {
        return unit instanceof ClassPathUnit flat
                ? flat.owns(type)
                : loader.equals(type.getClassLoader());
    }

    private void stopAll(long drainNanos, List<String> faults) {
        for (ActivePlugin plugin : active.reversed()) {
            try {
                plugin.stop(drainNanos);
            } catch (Exception | LinkageError failed) {
                LOG.warn("{} did not stop cleanly", unit.descriptor().title(), failed);
                faults.add("it did not stop cleanly: " + failed);
            }
        }
    }

    private void awaitThreads(ClassLoader loader, List<String> faults) {
        try {
            for (Thread left : DisposableThreads.awaitNoneHolding(loader, THREADS_END_NANOS)) {
                faults.add("its thread '" + left.getName() + "' did not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static RefusedException told(PluginDescriptor descriptor, Throwable failed) {
        return switch (failed) {
            case RefusedException refused ->
                    new RefusedException(
                            refused.refusal().reason(),
                            startText(descriptor, refused.refusal().message()));
            case ServiceConfigurationError broken -> providerRefusal(descriptor, broken);
            default -> {
                LOG.error("{} failed to start", descriptor.title(), failed);
                yield new RefusedException(
                        Reason.INTERNAL_ERROR,
                        startText(descriptor, "its start threw " + failed)
                                + "; what it had opened is closed again; the stack is in the log;"
                                + " correct the cause, then: mortise plugin start "
                                + descriptor.id());
            }
        };
    }

    private static String startText(PluginDescriptor descriptor, String message) {
        return message.startsWith("plugin '")
                ? message
                : descriptor.title() + " did not start: " + message;
    }

    private static RefusedException providerRefusal(
            PluginDescriptor descriptor, ServiceConfigurationError broken) {
        Throwable cause = broken.getCause();
        LOG.debug("Provider of {}", descriptor.title(), broken);
        return new RefusedException(
                Reason.INVALID_REQUEST,
                descriptor.title()
                        + " names a provider in META-INF/services that cannot be loaded ("
                        + (cause == null ? broken.getMessage() : cause.toString())
                        + "): correct the file or add the class, and build it again");
    }
}
