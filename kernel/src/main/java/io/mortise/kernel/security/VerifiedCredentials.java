// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.spi.runtime.Clock;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers for some minutes that credentials were verified, as a MAC under a key that lives as
 * long as this process: a client that reconnects costs no slow hash, and what is remembered reveals
 * no password. Any thread.
 */
final class VerifiedCredentials {
    private static final String ALGORITHM = "HmacSHA256";
    private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private record Verified(Principal principal, long untilNanos) {}

    private final Clock clock;
    private final int capacity;
    private final SecretKeySpec key;
    private final Map<ByteBuffer, Verified> verified = new LinkedHashMap<>(16, 0.75f, true);
    private long changes;

    VerifiedCredentials(Clock clock, RandomGenerator random, int capacity) {
        this.clock = clock;
        this.capacity = capacity;
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** Everything that an authenticator may judge by, but the port. */
    ByteBuffer mac(Credentials credentials) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        append(shown, text(credentials.username()));
        append(shown, credentials.password());
        append(shown, text(credentials.clientId()));
        append(shown, text(credentials.protocol()));
        append(shown, text(credentials.remote().getHostString()));
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return ByteBuffer.wrap(mac.doFinal(shown.toByteArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static byte @Nullable [] text(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static void append(ByteArrayOutputStream shown, byte @Nullable [] field) {
        int length = field == null ? -1 : field.length;
        shown.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(0, length).array());
        if (field != null) {
            shown.writeBytes(field);
        }
    }

    synchronized @Nullable Principal find(ByteBuffer mac) {
        Verified found = verified.get(mac);
        if (found == null) {
            return null;
        }
        if (found.untilNanos - clock.nanoTime() <= 0) {
            verified.remove(mac);
            return null;
        }
        return found.principal;
    }

    /**
     * Goes up whenever something is forgotten: what was verified before must not be remembered
     * after.
     */
    synchronized long changes() {
        return changes;
    }

    /**
     * @param changesBefore {@link #changes} as of before the verification began
     */
    synchronized void remember(ByteBuffer mac, Principal principal, long changesBefore) {
        if (changes != changesBefore) {
            return;
        }
        verified.put(mac, new Verified(principal, clock.nanoTime() + LIFE_NANOS));
        if (verified.size() > capacity) {
            verified.remove(verified.keySet().iterator().next());
        }
    }

    synchronized void forget(String user) {
        changes++;
        verified.values().removeIf(entry -> entry.principal.name().equals(user));
    }

    synchronized void forgetAll() {
        changes++;
        verified.clear();
    }
}
