// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Sessions;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** A broker whose answers a test gives: holds what it is asked until it is told to go on. */
final class FakeBroker implements Broker, Security, Sessions {
    final List<Credentials> credentials = new ArrayList<>();
    final List<SessionRequest> requests = new ArrayList<>();
    final List<FakeSession> sessions = new ArrayList<>();
    final List<Receiver> receivers = new ArrayList<>();
    boolean present;
    boolean held;
    @Nullable Refusal authentication;
    @Nullable Refusal opening;
    private final List<Runnable> waiting = new ArrayList<>();

    static Refusal refusal(Reason reason) {
        return new Refusal(reason, "because of the test");
    }

    FakeSession session() {
        return sessions.getLast();
    }

    Receiver receiver() {
        return receivers.getLast();
    }

    /** Lets go what was asked while {@link #held}. */
    void proceed() {
        List<Runnable> now = List.copyOf(waiting);
        waiting.clear();
        now.forEach(Runnable::run);
    }

    private void answer(Executor loop, Runnable answer) {
        if (held) {
            waiting.add(answer);
        } else {
            loop.execute(answer);
        }
    }

    @Override
    public void authenticate(
            Credentials shown, Executor executor, AuthenticationCallback callback) {
        credentials.add(shown);
        Principal principal = authentication == null ? Principal.ANONYMOUS : null;
        answer(executor, () -> callback.completed(principal, authentication));
    }

    @Override
    public boolean allowed(
            Principal principal, String host, Operation operation, ResourceType type, String name) {
        return true;
    }

    @Override
    public void open(SessionRequest request, Receiver receiver, OpenCallback callback) {
        requests.add(request);
        FakeSession session = new FakeSession(request.loop(), present);
        sessions.add(session);
        receivers.add(receiver);
        if (request.will() != null) {
            request.will().message().payload().release();
        }
        FakeSession opened = opening == null ? session : null;
        answer(request.loop(), () -> callback.completed(opened, opening));
    }

    @Override
    public Topics topics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Sessions sessions() {
        return this;
    }

    @Override
    public Security security() {
        return this;
    }

    @Override
    public String clusterId() {
        return "cluster";
    }

    @Override
    public long version() {
        return 0;
    }

    @Override
    public Registration onRevoked(RevocationListener listener) {
        return () -> {};
    }

    @Override
    public Node self() {
        return new Node(0, List.of());
    }

    @Override
    public List<Node> nodes() {
        return List.of(self());
    }

    @Override
    public CompletionStage<ProducerIdBlock> allocateProducerIds() {
        throw new UnsupportedOperationException();
    }
}
