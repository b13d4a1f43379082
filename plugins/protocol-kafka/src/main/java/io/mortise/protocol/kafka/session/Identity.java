// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import io.mortise.protocol.kafka.codec.MalformedRequestException;
import io.mortise.spi.Refusal;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;

/**
 * Who a connection acts for. A client that shows no credentials before its first real request is
 * offered to the authenticators as an anonymous one.
 */
public final class Identity {
    /** What came of a token. */
    @FunctionalInterface
    public interface Outcome {
        /** Null: accepted. */
        void completed(@Nullable Refusal refusal);
    }

    private final Security security;
    private final InetSocketAddress remote;
    private final String host;
    private @Nullable Principal principal;
    private boolean mechanismChosen;
    private boolean rawToken;

    /** Of a new connection: unknown yet. */
    public Identity(Security security, InetSocketAddress remote) {
        this.security = security;
        this.remote = remote;
        this.host = remote.getAddress() == null ? "" : remote.getAddress().getHostAddress();
    }

    /** Known since before any handler but those of SASL and ApiVersions is called. */
    public Principal principal() {
        return Objects.requireNonNull(principal, "not authenticated");
    }

    /** Whether it acts for one of them. */
    boolean isOneOf(Set<Principal> principals) {
        return principal != null && principals.contains(principal);
    }

    /** Goes up when an answer of {@link #may} may have changed. */
    public long rulesVersion() {
        return security.version();
    }

    /** The peer's address as rules name it. */
    public String host() {
        return host;
    }

    /** The peer. */
    public InetSocketAddress remote() {
        return remote;
    }

    /** Whether the rules let this client do it. */
    public boolean may(Operation operation, ResourceType type, String name) {
        return security.allowed(principal(), host, operation, type, name);
    }

    /** SASL/PLAIN was agreed on. */
    public void chooseMechanism(boolean rawTokenFollows) {
        mechanismChosen = true;
        rawToken = rawTokenFollows;
    }

    /** Whether a token may come now. */
    public boolean mechanismChosen() {
        return mechanismChosen;
    }

    boolean expectsRawToken() {
        return rawToken;
    }

    boolean mayCall(Api api) {
        return principal != null
                || api == Api.API_VERSIONS
                || api == Api.SASL_HANDSHAKE
                || api == Api.SASL_AUTHENTICATE;
    }

    /** A request before any authentication: an anonymous client, if the authenticators take one. */
    void onFirstCall(KafkaConnection connection, short apiKey) {
        if (mechanismChosen) {
            throw new MalformedRequestException(
                    "API key " + apiKey + " in the middle of authentication");
        }
        authenticate(
                connection,
                new Credentials(null, null, "", "kafka", remote),
                refusal -> {
                    if (refusal != null) {
                        connection.fail("not authenticated: " + refusal.message());
                    }
                });
    }

    /** Handshake version 0: the token comes as a frame without header, an empty frame says yes. */
    void onRawToken(KafkaConnection connection, ByteBuf frame) {
        rawToken = false;
        authenticate(
                connection,
                ByteBufUtil.getBytes(frame),
                refusal -> {
                    if (refusal == null) {
                        connection.writeRaw(connection.allocator().buffer(4).writeInt(0));
                    } else {
                        connection.fail("authentication failed: " + refusal.message());
                    }
                });
    }

    /**
     * Judges a PLAIN token (RFC 4616). Nothing else of the connection is handled meanwhile. Event
     * loop.
     *
     * @param outcome told once, on the loop
     */
    public void authenticate(KafkaConnection connection, byte[] token, Outcome outcome) {
        PlainToken plain = PlainToken.parse(token);
        authenticate(
                connection,
                new Credentials(plain.username(), plain.password(), "", "kafka", remote),
                outcome);
    }

    private void authenticate(
            KafkaConnection connection, Credentials credentials, Outcome outcome) {
        connection.stall();
        security.authenticate(
                credentials,
                connection.loop(),
                (accepted, refusal) -> {
                    if (connection.closed()) {
                        return;
                    }
                    mechanismChosen = false;
                    principal = accepted;
                    if (accepted != null) {
                        connection.connection().established();
                    }
                    outcome.completed(refusal);
                    connection.resume();
                });
    }
}
