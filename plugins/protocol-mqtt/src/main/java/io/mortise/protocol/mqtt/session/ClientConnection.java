// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.broker.Session;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.security.Principal;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** State of one client's connection. On its loop. */
public final class ClientConnection extends TimeoutWheel.Entry {
    /** Reading waits for the answer to CONNECT. */
    public static final int CONNECTING = 1;

    /** Reading waits until the broker takes publishes again. */
    public static final int PUBLISHING = 2;

    /** Reading waits until the client reads what it is sent. */
    public static final int WRITING = 4;

    /** Answers that may wait for a client which does not read, beyond what deliveries may. */
    private static final int MAX_EXCESS_BYTES = 256 * 1024;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final int CLOSE_TICKS = 5 * ConnectionLoop.TICKS_PER_SECOND;

    private final Connection connection;
    private final ConnectionLoop loop;
    private final Outbox outbox;
    private State state = State.NEW;
    private ProtocolVersion version = ProtocolVersion.V3_1_1;
    private String clientId = "";
    private @Nullable Principal principal;
    private @Nullable Session session;
    private long sessionExpirySeconds;
    private int maxPacketBytes = Integer.MAX_VALUE;
    private boolean problemInformation = true;
    private int unanswered;
    private int pauses;
    private int keepAliveTicks;
    private int lastReadTick;

    public ClientConnection(Connection connection, ConnectionLoop loop) {
        this.connection = connection;
        this.loop = loop;
        this.outbox = new Outbox(connection.channel(), loop);
        loop.add(this);
    }

    /** How far a connection is. */
    public enum State {
        /** No CONNECT yet. */
        NEW,
        /** CONNECT is being judged. */
        CONNECTING,
        CONNECTED,
        /** Ended; bytes that still come are thrown away. */
        CLOSED
    }

    public Connection connection() {
        return connection;
    }

    public ConnectionLoop loop() {
        return loop;
    }

    public Outbox outbox() {
        return outbox;
    }

    public State state() {
        return state;
    }

    public boolean isConnected() {
        return state == State.CONNECTED;
    }

    public ProtocolVersion version() {
        return version;
    }

    /** The client identifier, an assigned one too; empty before CONNECT. */
    public String clientId() {
        return clientId;
    }

    /** The kernel's session while {@link #isConnected}. */
    public Session session() {
        return Objects.requireNonNull(session);
    }

    /** The expiry in force. */
    public long sessionExpirySeconds() {
        return sessionExpirySeconds;
    }

    /** The client's Maximum Packet Size. */
    public int maxPacketBytes() {
        return maxPacketBytes;
    }

    /** The authenticators know who the client is. */
    public void authenticated(Principal accepted) {
        principal = accepted;
    }

    /** Ends the connection if it acts for one of {@code principals}. */
    void revoke(Set<Principal> principals) {
        if (state == State.CLOSED || principal == null || !principals.contains(principal)) {
            return;
        }
        String text = "user '" + principal.name() + "' was removed or has another password";
        if (isConnected()) {
            disconnect(ReasonCode.NOT_AUTHORIZED, text);
        } else {
            refuse(version, ReasonCode.NOT_AUTHORIZED, text);
        }
    }

    /** CONNECT has come. */
    public void connecting(Connect packet, String effectiveClientId, long expirySeconds) {
        state = State.CONNECTING;
        version = packet.version();
        clientId = effectiveClientId;
        sessionExpirySeconds = expirySeconds;
        Properties properties = packet.properties();
        long most = properties.number(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        maxPacketBytes = (int) Math.min(most, Integer.MAX_VALUE);
        problemInformation = properties.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
        pause(CONNECTING);
    }

    /**
     * CONNECT was accepted.
     *
     * @param keepAliveSeconds in force; 0 for none
     */
    public void connected(Session opened, int keepAliveSeconds) {
        state = State.CONNECTED;
        session = opened;
        keepAliveTicks = keepAliveSeconds * ConnectionLoop.TICKS_PER_SECOND * 3 / 2;
        if (keepAliveTicks > 0) {
            lastReadTick = loop.wheel().now();
            loop.wheel().schedule(this, lastReadTick + keepAliveTicks + 1);
        }
        connection.established();
    }

    /** Bytes came from the client. */
    public void touch() {
        lastReadTick = loop.wheel().now();
    }

    /** Counts a QoS 1 or 2 publish taken; the number not yet answered. */
    public int countUnanswered() {
        return ++unanswered;
    }

    /** A QoS 1 or 2 publish was answered for good. */
    public void answered() {
        unanswered = Math.max(0, unanswered - 1); // a PUBREL may stem from an earlier connection
    }

    /** Stops reading for one of the reasons above. */
    public void pause(int reason) {
        pauses |= reason;
        connection.channel().config().setAutoRead(false);
    }

    /** Drops a reason not to read. */
    public void unpause(int reason) {
        if ((pauses & reason) != 0) {
            pauses &= ~reason;
            connection.channel().config().setAutoRead(pauses == 0);
        }
    }

    /** A run of reads ended: stops reading if the broker or the client is behind. */
    public void checkPressure() {
        if (session != null && !session.publishable()) {
            pause(PUBLISHING);
        }
        if (outbox.excessBytes() > MAX_EXCESS_BYTES) {
            pause(WRITING);
        }
    }

    /** Appends a packet that is not sent per message. */
    public void send(Packet packet) {
        PacketEncoder.encode(outbox.reserve(32), version, packet);
    }

    /** Answers a publish, with the text if the client wants to know and has room for it. */
    public void acknowledge(
            PacketType type, int packetId, ReasonCode reason, @Nullable String text) {
        if (text == null || !version.isV5() || !problemInformation) {
            PacketEncoder.acknowledgement(outbox.reserve(5), version, type, packetId, reason);
            return;
        }
        Properties properties = reasonString(text);
        send(new Acknowledgement(type, packetId, reason, properties));
    }

    /** Answers CONNECT with an error and closes. */
    public void refuse(ProtocolVersion answerVersion, ReasonCode reason, String text) {
        if (state == State.CLOSED) {
            return;
        }
        loop.counters().refusedConnects().add(1);
        version = answerVersion;
        Properties properties = version.isV5() ? reasonString(text) : Properties.EMPTY;
        send(new ConnAck(false, reason, properties));
        shut(Session.End.ABNORMAL);
    }

    /** Ends the connection, telling a 5.0 client why. */
    public void disconnect(ReasonCode reason, String text) {
        if (isConnected() && version.isV5()) {
            send(new Disconnect(reason, reasonString(text)));
        }
        shut(Session.End.ABNORMAL);
    }

    /** Ends the connection because of what the client sent. */
    public void fault(ReasonCode reason, String text) {
        if (state != State.CLOSED) {
            loop.counters().malformed().add(1);
            disconnect(reason, text);
        }
    }

    /** The session is no longer this connection's. */
    public void lost(ReasonCode reason, String text) {
        session = null;
        disconnect(reason, text);
    }

    /** Lets go of the session, writes what is left and closes. */
    public void shut(Session.End end) {
        if (state == State.CLOSED) {
            return;
        }
        leave(end);
        outbox.finish();
        loop.wheel().schedule(this, loop.wheel().now() + CLOSE_TICKS);
    }

    /** The channel is closed. */
    public void closed() {
        leave(Session.End.ABNORMAL);
        outbox.release();
        loop.remove(this);
    }

    /** Keep alive, or the patience with a client that does not read its last packets, has ended. */
    @Override
    int due(int now) {
        if (state == State.CLOSED) {
            connection.channel().close();
            return TimeoutWheel.NEVER;
        }
        int deadline = lastReadTick + keepAliveTicks + 1;
        if (deadline - now > 0) {
            return deadline;
        }
        if (pauses != 0) {
            return now + keepAliveTicks; // a PINGREQ may wait among the bytes not read
        }
        loop.counters().keepAliveTimeouts().add(1);
        disconnect(ReasonCode.KEEP_ALIVE_TIMEOUT, "nothing came for 1.5 times the keep alive");
        return now + CLOSE_TICKS;
    }

    private void leave(Session.End end) {
        state = State.CLOSED;
        Session held = session;
        session = null;
        if (held != null) {
            held.close(end);
        }
    }

    /** The text as a property, or none where the packet would exceed what the client takes. */
    private Properties reasonString(String reason) {
        String text = CONTROL.matcher(reason).replaceAll("?"); // 1.5.4: clients may refuse them
        int bytes = ByteBufUtil.utf8Bytes(text);
        boolean fits = bytes < 4096 && bytes + 16 <= maxPacketBytes;
        return fits
                ? Properties.builder().text(Property.REASON_STRING, text).build()
                : Properties.EMPTY;
    }

    @Override
    public String toString() {
        String printable = CONTROL.matcher(clientId).replaceAll("?"); // no forged lines in the log
        return "mqtt client '" + printable + "' at " + connection.remote();
    }
}
