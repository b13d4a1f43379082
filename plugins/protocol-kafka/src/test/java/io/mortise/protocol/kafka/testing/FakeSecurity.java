// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.testing;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Without users everybody may come in; what was denied is denied to all. */
public final class FakeSecurity implements Security {
    private final Map<String, String> passwords = new ConcurrentHashMap<>();
    private final Set<String> denied = ConcurrentHashMap.newKeySet();
    private final List<RevocationListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong version = new AtomicLong();

    /** From now on only users may come in. */
    public void addUser(String name, String password) {
        passwords.put(name, password);
    }

    /** Denies an operation on a resource. */
    public void deny(Operation operation, ResourceType type, String name) {
        denied.add(operation + " " + type + " " + name);
        version.incrementAndGet();
    }

    /** Has the user show again who it is. */
    public void revoke(String name) {
        Set<Principal> told = Set.of(new Principal(TenantId.DEFAULT, name, false));
        listeners.forEach(listener -> listener.revoked(told));
    }

    /** Takes every denial back. */
    public void forgetDenials() {
        denied.clear();
        version.incrementAndGet();
    }

    @Override
    public void authenticate(
            Credentials credentials, Executor executor, AuthenticationCallback callback) {
        String name = credentials.username();
        byte[] password = credentials.password();
        boolean known =
                name != null
                        && password != null
                        && new String(password, StandardCharsets.UTF_8).equals(passwords.get(name));
        executor.execute(
                () -> {
                    if (known) {
                        callback.completed(
                                new Principal(TenantId.DEFAULT, String.valueOf(name), false), null);
                    } else if (passwords.isEmpty() && name == null) {
                        callback.completed(Principal.ANONYMOUS, null);
                    } else {
                        callback.completed(
                                null, new Refusal(Reason.BAD_CREDENTIALS, "not a known user"));
                    }
                });
    }

    @Override
    public boolean allowed(
            Principal principal, String host, Operation operation, ResourceType type, String name) {
        return !denied.contains(operation + " " + type + " " + name);
    }

    @Override
    public long version() {
        return version.get();
    }

    @Override
    public Registration onRevoked(RevocationListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
