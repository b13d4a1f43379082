// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.config.NearestName;
import io.mortise.kernel.metadata.PluginEntry.Wanted;
import io.mortise.kernel.plugin.BundleStore.Kept;
import io.mortise.kernel.plugin.PluginDescriptor.Upgrade;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The plugins of this broker. Commands block until they are done and may be called by any thread
 * (operations on one plugin wait for each other); they are refused with a {@link RefusedException}
 * in plain words.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

    private final Scheduler scheduler;
    private final Function<String, Map<String, String>> settings;
    private final Function<String, Registration> hold;
    private final long drainNanos;
    private final BundleStore store;
    private final BundleInspection inspection;
    private final BundleVerification verification;
    private final LoaderLeaks leaks;
    private final Activators activators = new Activators();
    private final Map<String, PluginSlot> slots = new ConcurrentSkipListMap<>();

    /** One change of what is installed at a time. */
    private final ReentrantLock changing = new ReentrantLock();

    /**
     * @param settings a plugin's section of mortise.yaml, by id
     * @param hold keeps a plugin's sockets open while no version of it runs
     * @param drainNanos how long a stopping plugin may take to say goodbye
     */
    public PluginHost(
            BundleStore store,
            Scheduler scheduler,
            Function<String, Map<String, String>> settings,
            Function<String, Registration> hold,
            long drainNanos) {
        this.store = store;
        this.scheduler = scheduler;
        this.settings = settings;
        this.hold = hold;
        this.drainNanos = drainNanos;
        this.inspection = new BundleInspection(store.exports());
        this.verification =
                new BundleVerification(
                        inspection, store.exports(), PluginHost.class.getClassLoader());
        this.leaks = new LoaderLeaks(store.heapDump());
    }

    /** Says how providers of one SPI interface are started; before the first start. */
    public void register(PluginActivator<?> activator) {
        activators.add(activator);
    }

    /** Takes in plugins of the flat class path. */
    public void addClassPath(ClassLoader loader, Predicate<String> wanted) {
        for (PluginUnit unit : ClassPathUnit.all(loader, inspection)) {
            if (wanted.test(unit.descriptor().id())) {
                store.delivered(unit.descriptor().id());
                slots.putIfAbsent(unit.descriptor().id(), slot(unit));
            }
        }
    }

    /** Takes in the bundles that came with the broker and those that operators installed. */
    public void addBundles() throws IOException {
        for (PluginUnit unit : store.units()) {
            slots.put(unit.descriptor().id(), slot(unit));
        }
    }

    private PluginSlot slot(PluginUnit unit) {
        boolean stopped = store.wanted(unit.descriptor().id()) == Wanted.STOPPED;
        return new PluginSlot(this, unit, stopped ? PluginState.STOPPED : PluginState.INSTALLED);
    }

    /**
     * Starts all plugins of these kinds that are wanted, side by side, and waits; one that fails is
     * marked and keeps no other from starting.
     */
    public void start(Set<PluginKind> kinds) throws InterruptedException {
        var starting = new ArrayList<PluginSlot>();
        for (PluginSlot slot : slots.values()) {
            if (kinds.contains(slot.descriptor().kind()) && wanted(slot) == Wanted.ACTIVE) {
                starting.add(slot);
            }
        }
        var done = new CountDownLatch(starting.size());
        for (PluginSlot slot : starting) {
            scheduler.execute(() -> startAtBoot(slot, done));
        }
        done.await();
    }

    /** All plugins, in order of id. */
    public List<PluginStatus> list() {
        return slots.values().stream().map(PluginSlot::status).toList();
    }

    /** One plugin. */
    public PluginStatus status(String id) {
        return slot(id).status();
    }

    /** Ids of active plugins that do not serve yet. */
    public List<String> notReady() {
        return slots.entrySet().stream()
                .filter(entry -> !entry.getValue().ready())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Writes a bundle below data/plugins, as it arrives; {@link #install} or another takes it. */
    public BundleFile receive(InputStream bundle) throws IOException {
        return receive(bundle, null);
    }

    /**
     * {@link #receive(InputStream)}.
     *
     * @param signature 64 bytes by Ed25519 over the bundle, which is checked when it is taken; null
     *     for none
     */
    public BundleFile receive(InputStream bundle, byte @Nullable [] signature) throws IOException {
        return store.receive(bundle, signature);
    }

    /** Installs and starts a bundle from {@link #receive}. */
    public PluginStatus install(BundleFile received) throws IOException {
        changing.lock();
        try {
            return installNow(received);
        } finally {
            changing.unlock();
        }
    }

    private PluginStatus installNow(BundleFile received) throws IOException {
        Origin origin = trusted(received);
        PluginDescriptor descriptor = inspected(received).descriptor();
        String id = descriptor.id();
        if (slots.containsKey(id)) {
            store.discard(received);
            throw new RefusedException(
                    Reason.RESOURCE_EXISTS,
                    "plugin '" + id + "' is installed already: use upgrade, or uninstall it first");
        }
        Kept kept = store.keep(received, descriptor, origin);
        BundleUnit unit = store.load(kept);
        try {
            store.adopt(kept);
        } catch (RefusedException refused) {
            unit.uninstall();
            throw unkept("plugin '" + id + "' is not installed", refused);
        }
        store.tidy();
        var slot = new PluginSlot(this, unit, PluginState.INSTALLED);
        slots.put(id, slot);
        slot.start();
        return slot.status();
    }

    /** Puts a bundle from {@link #receive} in the place of the version that runs. */
    public PluginStatus upgrade(BundleFile received) throws IOException {
        changing.lock();
        try {
            return upgradeNow(received);
        } finally {
            changing.unlock();
        }
    }

    private PluginStatus upgradeNow(BundleFile received) throws IOException {
        Origin origin = trusted(received);
        PluginDescriptor next = inspected(received).descriptor();
        PluginSlot slot = slots.get(next.id());
        if (slot == null) {
            store.discard(received);
            throw unknown(next.id(), "use install");
        }
        Kept kept = store.keep(received, next, origin);
        boolean later =
                next.upgrade() == Upgrade.RESTART || slot.descriptor().upgrade() == Upgrade.RESTART;
        if (!later) {
            slot.upgrade(store.load(kept));
        }
        try {
            store.adopt(kept);
        } catch (RefusedException refused) {
            String what = later ? " is not installed" : " serves until the broker stops";
            throw unkept(next.title() + what, refused);
        }
        store.tidy();
        if (later) {
            slot.note("version " + next.version() + " takes effect at restart");
        }
        return slot.status();
    }

    /** What was done here may be undone by the next start. */
    private static RefusedException unkept(String what, RefusedException refused) {
        return new RefusedException(
                refused.refusal().reason(),
                what
                        + ", because the metadata did not take it: "
                        + refused.refusal().message()
                        + "; repeat the command");
    }

    /** Starts a stopped or failed plugin. */
    public PluginStatus start(String id) {
        PluginSlot slot = slot(id);
        slot.start();
        want(slot, Wanted.ACTIVE, " runs until the broker stops");
        return slot.status();
    }

    /** Stops a plugin; it stays stopped over a restart. */
    public PluginStatus stop(String id) {
        PluginSlot slot = slot(id);
        slot.stop();
        want(slot, Wanted.STOPPED, " is stopped until the broker starts again");
        return slot.status();
    }

    private void want(PluginSlot slot, Wanted wanted, String unless) {
        try {
            store.want(slot.descriptor(), wanted);
        } catch (RefusedException refused) {
            throw unkept(slot.descriptor().title() + unless, refused);
        }
    }

    /**
     * Stops and removes a plugin.
     *
     * @param forced also if it is needed, unless by something that must not be without it
     */
    public PluginStatus uninstall(String id, boolean forced) {
        changing.lock();
        try {
            PluginSlot slot = slot(id);
            slot.uninstall(forced, () -> forget(slot.descriptor()));
            slots.remove(id);
            store.tidy();
            return slot.status();
        } finally {
            changing.unlock();
        }
    }

    /** {@link #uninstall(String, boolean)}, refused while anything needs the plugin. */
    public PluginStatus uninstall(String id) {
        return uninstall(id, false);
    }

    private void forget(PluginDescriptor descriptor) {
        try {
            store.forget(descriptor);
        } catch (RefusedException refused) {
            throw unkept(descriptor.title() + " is stopped, but not uninstalled", refused);
        }
    }

    /** Why a plugin does not run, in plain words, beginning with its name; null if it does. */
    public @Nullable String absence(String id) {
        PluginSlot slot = slots.get(id);
        if (slot == null) {
            return "plugin " + id + " is not installed";
        }
        PluginStatus status = slot.status();
        return switch (status.state()) {
            case ACTIVE -> null;
            case INSTALLED -> "plugin " + id + " is not started yet";
            case STOPPED -> "plugin " + id + " is stopped";
            case FAILED -> "plugin " + id + " has failed: " + status.reason();
        };
    }

    /**
     * What is wrong with a received bundle, each with what to do; empty if nothing is known. All of
     * it but licences would keep it from being installed.
     */
    public List<String> verify(BundleFile received) throws IOException {
        var findings = new ArrayList<String>();
        try {
            store.origin(received);
        } catch (RefusedException distrusted) {
            findings.add(distrusted.refusal().message());
        }
        findings.addAll(verification.findings(received));
        return findings;
    }

    /**
     * Name of the trusted key that signed a received bundle, or null.
     *
     * @throws RefusedException it is not to be trusted
     */
    public @Nullable String signer(BundleFile received) throws IOException {
        return store.origin(received).signer();
    }

    /** Deletes a received bundle that was not installed. */
    public void discard(BundleFile received) throws IOException {
        store.discard(received);
    }

    /** What is wrong with plugins, each in a sentence; empty if nothing is. */
    public List<String> doctor() {
        var findings = new ArrayList<String>();
        slots.values().forEach(PluginSlot::recheck);
        for (PluginStatus status : list()) {
            if (status.reason() != null) {
                findings.add(status.reason());
            }
            if (status.note() != null) {
                findings.add("plugin '" + status.id() + "': " + status.note());
            }
        }
        for (String id : notReady()) {
            findings.add("plugin '" + id + "' is active but not ready yet");
        }
        findings.addAll(leaks.remaining());
        return findings.stream().distinct().toList();
    }

    /** Stops every plugin, protocols first, then the framework. */
    @Override
    public void close() {
        stopKinds(Set.of(PluginKind.values()));
        store.close();
    }

    /** Stops the plugins of these kinds, the last started first. */
    public void stopKinds(Set<PluginKind> kinds) {
        var order = new TreeMap<PluginKind, List<PluginSlot>>();
        for (PluginSlot slot : slots.values()) {
            if (kinds.contains(slot.descriptor().kind())) {
                order.computeIfAbsent(slot.descriptor().kind(), kind -> new ArrayList<>())
                        .add(slot);
            }
        }
        for (List<PluginSlot> stopping : order.descendingMap().values()) {
            stopping.forEach(PluginHost::shutDown);
        }
    }

    PluginRun run(PluginUnit unit) {
        PluginDescriptor descriptor = unit.descriptor();
        return PluginRun.start(
                unit,
                SettingsCheck.check(descriptor, settings.apply(descriptor.id())),
                activators.byService());
    }

    Registration hold(String id) {
        return hold.apply(id);
    }

    long drainNanos() {
        return drainNanos;
    }

    LoaderLeaks leaks() {
        return leaks;
    }

    Activators activators() {
        return activators;
    }

    private Origin trusted(BundleFile received) throws IOException {
        try {
            return store.origin(received);
        } catch (RefusedException refused) {
            store.discard(received);
            throw refused;
        }
    }

    private BundleContents inspected(BundleFile received) throws IOException {
        try {
            BundleContents contents = received.contents();
            List<String> faults = verification.faults(received);
            if (!faults.isEmpty()) {
                throw new RefusedException(Reason.INVALID_REQUEST, String.join("; ", faults));
            }
            return contents;
        } catch (RefusedException refused) {
            store.discard(received);
            throw refused;
        }
    }

    private Wanted wanted(PluginSlot slot) {
        return store.wanted(slot.descriptor().id());
    }

    private static void startAtBoot(PluginSlot slot, CountDownLatch done) {
        try {
            slot.start();
        } catch (RefusedException told) {
            LOG.debug("{} is marked FAILED", slot.descriptor().title(), told);
        } finally {
            done.countDown();
        }
    }

    private static void shutDown(PluginSlot slot) {
        try {
            slot.shutDown();
        } catch (RuntimeException failed) {
            LOG.error("{} did not stop", slot.descriptor().title(), failed);
        }
    }

    private PluginSlot slot(String id) {
        PluginSlot slot = slots.get(id);
        if (slot == null) {
            String nearest = NearestName.of(id, slots.keySet());
            throw unknown(
                    id, nearest == null ? "see plugin list" : "did you mean " + nearest + "?");
        }
        return slot;
    }

    private static RefusedException unknown(String id, String remedy) {
        return new RefusedException(
                Reason.UNKNOWN_RESOURCE, "no plugin '" + id + "' is installed: " + remedy);
    }
}
