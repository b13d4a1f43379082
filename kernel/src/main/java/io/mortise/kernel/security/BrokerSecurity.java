// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.kernel.metadata.MetadataImage.UserKey;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.RulePut;
import io.mortise.kernel.metadata.MetadataRecord.RuleRemoved;
import io.mortise.kernel.metadata.MetadataRecord.UserPut;
import io.mortise.kernel.metadata.MetadataRecord.UserRemoved;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Authenticator.Verdict;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;
import io.mortise.spi.security.UserStore.StoredUser;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** The kernel's security chain: authenticators of plugins, rules of the metadata. */
public final class BrokerSecurity implements Security, AutoCloseable {
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_AT_ONCE = 4;
    private static final int MAX_REMEMBERED = 10_000;

    private final Metadata metadata;
    private final Scheduler scheduler;
    private final boolean anonymous;
    private final VerifiedCredentials remembered;
    private final List<ChainLink> chain = new CopyOnWriteArrayList<>();
    private final List<RevocationListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong version = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Semaphore atOnce = new Semaphore(MAX_AT_ONCE);
    private final Registration following;
    private final Counter accepted;
    private final Counter recognized;
    private final Counter refused;
    private volatile RuleBook rules;

    /** Users removed since they were let in: their connections may do nothing more. */
    private volatile Set<Principal> removed = Set.of();

    /**
     * Follows {@code metadata} from now on.
     *
     * @param anonymous whether clients without credentials are let in
     * @param random secure: it makes the key of what is remembered
     */
    public BrokerSecurity(
            Metadata metadata,
            Scheduler scheduler,
            Clock clock,
            RandomGenerator random,
            Metrics metrics,
            boolean anonymous) {
        this.metadata = metadata;
        this.scheduler = scheduler;
        this.anonymous = anonymous;
        this.remembered = new VerifiedCredentials(clock, random, MAX_REMEMBERED);
        this.accepted = authentications(metrics, "accepted");
        this.recognized = authentications(metrics, "recognized");
        this.refused = authentications(metrics, "refused");
        this.rules = new RuleBook(metadata.image());
        this.following = metadata.onChange(this::follow);
    }

    /**
     * Adds an authenticator behind those that are there; closing waits for the calls under way in
     * it.
     */
    public Registration register(String pluginId, Authenticator authenticator) {
        ChainLink link = new ChainLink(pluginId, authenticator);
        chain.add(link);
        remembered.forgetAll();
        return () -> {
            chain.remove(link);
            link.close();
            remembered.forgetAll();
        };
    }

    private static Counter authentications(Metrics metrics, String outcome) {
        String help = "Clients that showed credentials, by what became of it";
        return metrics.counter("mortise_security_authentications_total", help, "outcome", outcome);
    }

    /** How many authenticators there are. */
    public int authenticators() {
        return chain.size();
    }

    /**
     * The password as the first authenticator that keeps passwords encodes it, or null if none
     * does; slow on purpose.
     */
    public @Nullable String encode(byte[] password) {
        for (ChainLink link : chain) {
            String credential = link.encode(password);
            if (credential != null) {
                return credential;
            }
        }
        return null;
    }

    @Override
    public Registration onRevoked(RevocationListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public long version() {
        return version.get();
    }

    @Override
    public boolean allowed(
            Principal principal, String host, Operation operation, ResourceType type, String name) {
        Set<Principal> gone = removed;
        if (!gone.isEmpty() && gone.contains(principal)) {
            return false;
        }
        return rules.allowed(principal, host, operation, type, name);
    }

    @Override
    public void authenticate(
            Credentials credentials, Executor executor, AuthenticationCallback callback) {
        if (credentials.username() == null && credentials.password() == null) {
            Verdict verdict = anonymous();
            executor.execute(() -> tell(callback, verdict));
            return;
        }
        ByteBuffer mac = remembered.mac(credentials);
        if (remembered.find(mac) == null) {
            queue(credentials, mac, executor, callback);
        } else {
            executor.execute(() -> recognize(credentials, mac, executor, callback));
        }
    }

    /** Looks again where it is told: who is forgotten from then on is told to listeners later. */
    private void recognize(
            Credentials credentials,
            ByteBuffer mac,
            Executor executor,
            AuthenticationCallback callback) {
        Principal known = remembered.find(mac);
        if (known == null) {
            queue(credentials, mac, executor, callback);
        } else {
            recognized.add(1);
            callback.completed(known, null);
        }
    }

    private void queue(
            Credentials credentials,
            ByteBuffer mac,
            Executor executor,
            AuthenticationCallback callback) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            refuse(
                    executor,
                    callback,
                    Reason.BUSY,
                    MAX_WAITING + " clients wait to be authenticated");
        } else {
            scheduler.execute(() -> verify(credentials, mac, executor, callback));
        }
    }

    private Verdict anonymous() {
        return anonymous
                ? Verdict.accept(Principal.ANONYMOUS)
                : deny(
                        Reason.NOT_AUTHENTICATED,
                        "credentials are needed: security.anonymous is false");
    }

    private static void refuse(
            Executor executor, AuthenticationCallback callback, Reason reason, String message) {
        executor.execute(() -> callback.completed(null, new Refusal(reason, message)));
    }

    private static Verdict deny(Reason reason, String message) {
        return Verdict.deny(new Refusal(reason, message));
    }

    private static void tell(AuthenticationCallback callback, Verdict verdict) {
        callback.completed(verdict.principal(), verdict.refusal());
    }

    /** On a virtual thread; few at once, because hashing is meant to cost. */
    private void verify(
            Credentials credentials,
            ByteBuffer mac,
            Executor executor,
            AuthenticationCallback callback) {
        Verdict verdict = deny(Reason.INTERNAL_ERROR, "authentication was interrupted");
        MetadataImage judgedBy = metadata.image();
        atOnce.acquireUninterruptibly();
        try {
            judgedBy = metadata.image();
            long changes = remembered.changes();
            verdict = judge(credentials);
            Principal principal = verdict.principal();
            (principal == null ? refused : accepted).add(1);
            if (principal != null) {
                remembered.remember(mac, principal, changes);
                welcomeBack(principal, changes);
            }
        } finally {
            atOnce.release();
            waiting.decrementAndGet();
            Verdict said = verdict;
            MetadataImage image = judgedBy;
            executor.execute(
                    () -> {
                        if (stillHolds(said, image)) {
                            tell(callback, said);
                        } else {
                            queue(credentials, mac, executor, callback);
                        }
                    });
        }
    }

    /** Whether the user is still as it was judged; who changes from now on is told to listeners. */
    private boolean stillHolds(Verdict verdict, MetadataImage judgedBy) {
        Principal principal = verdict.principal();
        if (principal == null) {
            return true;
        }
        UserKey key = new UserKey(principal.tenant(), principal.name());
        return Objects.equals(judgedBy.users().find(key), metadata.image().users().find(key));
    }

    /**
     * An authenticator with users of its own knows one who was removed from the metadata. Not if
     * the removal came while it judged.
     */
    private synchronized void welcomeBack(Principal principal, long changesBefore) {
        if (removed.contains(principal) && remembered.changes() == changesBefore) {
            Set<Principal> fewer = new HashSet<>(removed);
            fewer.remove(principal);
            removed = fewer;
            version.incrementAndGet();
        }
    }

    private synchronized void removed(TenantId tenant, String name, boolean gone) {
        Set<Principal> changed = new HashSet<>(removed);
        Principal principal = new Principal(tenant, name, false);
        if (gone ? changed.add(principal) : changed.remove(principal)) {
            removed = changed;
            version.incrementAndGet();
        }
    }

    private Verdict judge(Credentials credentials) {
        if (chain.isEmpty()) {
            return deny(
                    Reason.NOT_READY,
                    "no authenticator is started, so no credentials can be verified");
        }
        for (ChainLink link : chain) {
            Verdict verdict = link.authenticate(credentials);
            if (verdict.principal() != null || verdict.refusal() != null) {
                return verdict;
            }
        }
        return deny(Reason.BAD_CREDENTIALS, "user name or password is wrong");
    }

    // ---- following the metadata, on its thread

    private void follow(MetadataImage before, MetadataImage after, List<MetadataRecord> records) {
        boolean rulesChanged = before.users().isEmpty() != after.users().isEmpty();
        Set<Principal> revoked = new HashSet<>();
        for (MetadataRecord record : records) {
            switch (record) {
                case RulePut _, RuleRemoved _ -> rulesChanged = true;
                case UserPut it -> userChanged(it.tenant(), it.name(), before, after, revoked);
                case UserRemoved it -> userChanged(it.tenant(), it.name(), before, after, revoked);
                default -> {} // not about security
            }
        }
        if (rulesChanged) {
            rules = new RuleBook(after);
            version.incrementAndGet();
        }
        if (!revoked.isEmpty()) {
            Set<Principal> told = Set.copyOf(revoked);
            listeners.forEach(listener -> listener.revoked(told));
        }
    }

    private void userChanged(
            String tenant,
            String name,
            MetadataImage before,
            MetadataImage after,
            Set<Principal> revoked) {
        UserKey key = new UserKey(new TenantId(tenant), name);
        StoredUser was = before.users().find(key);
        StoredUser is = after.users().find(key);
        remembered.forget(name);
        removed(key.tenant(), name, is == null);
        if (was != null && !was.equals(is)) {
            revoked.add(new Principal(key.tenant(), name, false));
        }
    }

    /** Whether there is any user. */
    public boolean hasUsers() {
        return !metadata.image().users().isEmpty();
    }

    @Override
    public void close() {
        following.close();
    }
}
