// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Authenticator.Verdict;
import io.mortise.spi.security.Credentials;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/** One authenticator in the chain; once closed it abstains, and no thread is left in it. */
final class ChainLink {
    private static final Logger LOG = LoggerFactory.getLogger(ChainLink.class);
    private static final Verdict FAILED =
            Verdict.deny(
                    new Refusal(
                            Reason.BAD_CREDENTIALS,
                            "the credentials could not be verified; see the broker's log"));

    private final String pluginId;
    private final Authenticator authenticator;
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
    private boolean closed;

    ChainLink(String pluginId, Authenticator authenticator) {
        this.pluginId = pluginId;
        this.authenticator = authenticator;
    }

    Verdict authenticate(Credentials credentials) {
        inUse.readLock().lock();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try {
            if (closed) {
                return Verdict.ABSTAIN;
            }
            thread.setContextClassLoader(authenticator.getClass().getClassLoader());
            return authenticator.authenticate(credentials);
        } catch (RuntimeException | LinkageError e) {
            LOG.error(
                    "Authenticator {} failed; the client {} is denied.",
                    pluginId,
                    credentials.remote(),
                    e);
            return FAILED;
        } finally {
            thread.setContextClassLoader(before);
            inUse.readLock().unlock();
        }
    }

    /** The password as this authenticator keeps it, or null if it keeps none. */
    @Nullable String encode(byte[] password) {
        inUse.readLock().lock();
        try {
            return closed ? null : authenticator.encode(password);
        } finally {
            inUse.readLock().unlock();
        }
    }

    /** Waits for the calls under way. */
    void close() {
        inUse.writeLock().lock();
        try {
            closed = true;
        } finally {
            inUse.writeLock().unlock();
        }
    }
}
