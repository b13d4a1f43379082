// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.session.StoredSession.Outbound;
import io.mortise.kernel.session.StoredSession.Place;
import io.mortise.kernel.session.StoredSession.Position;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Subscription.RetainHandling;
import io.mortise.spi.security.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.UUID;

/**
 * The events of a stored session: one byte of kind, then fields, big endian, strings and blobs
 * behind a 32-bit length. Kinds are never reused.
 */
final class SessionEvents implements StateCodec<StoredSession> {
    private static final byte STATE = 1;
    private static final byte OPENED = 2;
    private static final byte SUBSCRIBED = 3;
    private static final byte UNSUBSCRIBED = 4;
    private static final byte POSITIONS = 5;
    private static final byte OUTBOUND = 6;
    private static final byte RECEIVED = 7;
    private static final byte COMPLETED = 8;
    private static final byte INBOUND = 9;
    private static final byte RELEASED = 10;
    private static final byte CLOSED = 11;
    private static final byte EXPIRY = 12;
    private static final byte WILL_DONE = 13;
    private static final byte DISCONNECTED = 14;
    private static final byte SETTLED = 15;

    private static final RetainHandling[] RETAIN_HANDLINGS = RetainHandling.values();

    // What the loops append.

    static ByteBuf opened(
            long incarnation,
            long expirySeconds,
            Principal principal,
            String host,
            byte @Nullable [] will,
            long willDelaySeconds) {
        ByteBuf out = Unpooled.buffer().writeByte(OPENED);
        out.writeLong(incarnation).writeLong(expirySeconds);
        writePrincipal(out, principal);
        writeText(out, host);
        writeBlob(out, will);
        return out.writeLong(willDelaySeconds);
    }

    static ByteBuf subscribed(Subscription subscription, Map<PartitionKey, Long> from) {
        ByteBuf out = Unpooled.buffer().writeByte(SUBSCRIBED);
        writeSubscription(out, subscription);
        writePositions(out, from);
        return out;
    }

    static ByteBuf unsubscribed(String filter) {
        ByteBuf out = Unpooled.buffer().writeByte(UNSUBSCRIBED);
        writeText(out, filter);
        return out;
    }

    static ByteBuf positions(Map<PartitionKey, Long> positions) {
        ByteBuf out = Unpooled.buffer().writeByte(POSITIONS);
        writePositions(out, positions);
        return out;
    }

    /** For a position that is {@link StoredSession#UNSETTLED}, and no other. */
    static ByteBuf settled(PartitionKey partition, long offset) {
        ByteBuf out = Unpooled.buffer().writeByte(SETTLED);
        writePartition(out, partition);
        return out.writeLong(offset);
    }

    static ByteBuf outbound(
            int id, byte state, int qos, @Nullable PartitionKey partition, long offset) {
        ByteBuf out = Unpooled.buffer().writeByte(OUTBOUND).writeShort(id);
        writeOutbound(out, new Outbound(state, qos, partition, offset));
        return out;
    }

    static ByteBuf received(int id) {
        return Unpooled.buffer().writeByte(RECEIVED).writeShort(id);
    }

    static ByteBuf completed(int id) {
        return Unpooled.buffer().writeByte(COMPLETED).writeShort(id);
    }

    /**
     * @param id 0 where the publish was refused: its sequence number is used up all the same
     */
    static ByteBuf inbound(int id, long sequence, PartitionKey partition, long offset) {
        ByteBuf out = Unpooled.buffer().writeByte(INBOUND).writeShort(id).writeLong(sequence);
        writePartition(out, partition);
        return out.writeLong(offset);
    }

    static ByteBuf skipped(long sequence) {
        return inbound(0, sequence, NO_PARTITION, -1);
    }

    static ByteBuf released(int id) {
        return Unpooled.buffer().writeByte(RELEASED).writeShort(id);
    }

    static ByteBuf closed(
            long atMillis,
            Map<PartitionKey, Long> positions,
            int lastIdentifier,
            InFlight inFlight) {
        ByteBuf out = Unpooled.buffer().writeByte(CLOSED).writeLong(atMillis);
        writePositions(out, positions);
        out.writeShort(lastIdentifier).writeInt(inFlight.size());
        inFlight.each(
                (id, state, qos, partition, offset) -> {
                    out.writeShort(id);
                    writeOutbound(out, new Outbound(state, qos, partition, offset));
                });
        return out;
    }

    static ByteBuf expiry(long seconds) {
        return Unpooled.buffer().writeByte(EXPIRY).writeLong(seconds);
    }

    static ByteBuf willDone() {
        return Unpooled.buffer().writeByte(WILL_DONE);
    }

    /** The broker died under its connection. */
    static ByteBuf disconnected(long atMillis) {
        return Unpooled.buffer().writeByte(DISCONNECTED).writeLong(atMillis);
    }

    // What they add up to.

    @Override
    public @Nullable StoredSession apply(
            String key, @Nullable StoredSession current, @Nullable ByteBuf event) {
        if (event == null) {
            return null;
        }
        ByteBuf in = event.duplicate();
        byte kind = in.readByte();
        if (kind == STATE) {
            return readState(in);
        }
        if (kind == OPENED) {
            return applyOpened(current == null ? new StoredSession() : current, in);
        }
        if (current == null) {
            return null; // before its whole state, or after its end
        }
        applyTo(current, kind, in);
        return current;
    }

    private static StoredSession applyOpened(StoredSession session, ByteBuf in) {
        session.incarnation = in.readLong();
        session.expirySeconds = in.readLong();
        session.principal = readPrincipal(in);
        session.host = readText(in);
        session.will = readBlob(in);
        session.willDelaySeconds = in.readLong();
        session.disconnectedAtMillis = StoredSession.CONNECTED;
        session.seen = session.lastSequence(); // what is missing is no longer under way
        session.seenBeyond.clear();
        return session;
    }

    private static void applyTo(StoredSession session, byte kind, ByteBuf in) {
        switch (kind) {
            case SUBSCRIBED -> {
                Subscription subscription = readSubscription(in);
                session.subscriptions.put(subscription.filter().text(), subscription);
                for (int i = in.readInt(); i > 0; i--) {
                    session.positions.put(readPartition(in), new Position(in.readLong()));
                }
            }
            case UNSUBSCRIBED -> session.subscriptions.remove(readText(in));
            case POSITIONS -> applyPositions(session, in);
            case OUTBOUND -> session.outbound.put(in.readUnsignedShort(), readOutbound(in));
            case RECEIVED -> received(session, in.readUnsignedShort());
            case COMPLETED -> session.outbound.remove(in.readUnsignedShort());
            case INBOUND -> applyInbound(session, in);
            case RELEASED -> session.inbound.remove(in.readUnsignedShort());
            case CLOSED -> applyClosed(session, in);
            case EXPIRY -> session.expirySeconds = in.readLong();
            case WILL_DONE -> session.will = null;
            case SETTLED -> applySettled(session, in);
            case DISCONNECTED -> session.disconnectedAtMillis = in.readLong();
            default -> throw new IllegalStateException("session event of unknown kind " + kind);
        }
    }

    private static void applyPositions(StoredSession session, ByteBuf in) {
        for (int i = in.readInt(); i > 0; i--) {
            Position position = session.position(readPartition(in));
            position.offset = in.readLong();
            position.finished.headSet(position.offset).clear();
        }
    }

    private static void applySettled(StoredSession session, ByteBuf in) {
        Position position = session.positions.get(readPartition(in));
        if (position != null && position.offset == StoredSession.UNSETTLED) {
            position.offset = in.readLong();
        }
    }

    private static void received(StoredSession session, int id) {
        Outbound known = session.outbound.get(id);
        if (known == null) {
            return;
        }
        PartitionKey partition = known.partition();
        session.outbound.put(
                id, new Outbound(InFlight.RECEIVED, known.qos(), partition, known.offset()));
        if (partition != null && session.position(partition).offset <= known.offset()) {
            session.position(partition).finished.add(known.offset());
        }
    }

    /** Recovery may note what the session notes as well: the first note counts. */
    private static void applyInbound(StoredSession session, ByteBuf in) {
        int id = in.readUnsignedShort();
        long sequence = in.readLong();
        boolean isNew = !session.saw(sequence);
        session.see(sequence);
        if (isNew && id != 0) {
            session.inbound.put(id, new Place(readPartition(in), in.readLong()));
        }
    }

    private static void applyClosed(StoredSession session, ByteBuf in) {
        session.disconnectedAtMillis = in.readLong();
        applyPositions(session, in);
        session.lastIdentifier = in.readUnsignedShort();
        session.outbound.clear();
        for (int i = in.readInt(); i > 0; i--) {
            session.outbound.put(in.readUnsignedShort(), readOutbound(in));
        }
    }

    @Override
    public boolean whole(ByteBuf event) {
        return event.getByte(event.readerIndex()) == STATE;
    }

    @Override
    public boolean begins(ByteBuf event) {
        byte kind = event.getByte(event.readerIndex());
        return kind == OPENED || kind == STATE;
    }

    @Override
    public boolean resting(StoredSession session) {
        return session.disconnectedAtMillis != StoredSession.CONNECTED;
    }

    /** As long as recovery, or a partition that gets its leader, may look for it. */
    @Override
    public boolean awake(StoredSession session) {
        return session.disconnectedAtMillis == StoredSession.CONNECTED
                || !session.inbound.isEmpty()
                || session.unsettled();
    }

    @Override
    public long deadlineMillis(StoredSession session) {
        return session.disconnectedAtMillis == StoredSession.CONNECTED
                ? Long.MAX_VALUE
                : Math.min(session.expiryAtMillis(), session.willAtMillis());
    }

    @Override
    public String afterDamage() {
        return "Clients of sessions that may lack a change may get messages of QoS 1 and 2 again,"
                + " or miss a subscription of theirs: have them connect with Clean Start once";
    }

    // The whole state.

    @Override
    public void encode(StoredSession session, ByteBuf out) {
        out.writeByte(STATE).writeLong(session.number).writeInt(session.slots);
        out.writeLong(session.incarnation).writeLong(session.expirySeconds);
        out.writeLong(session.disconnectedAtMillis);
        writePrincipal(out, session.principal);
        writeText(out, session.host);
        writeBlob(out, session.will);
        out.writeLong(session.willDelaySeconds).writeShort(session.lastIdentifier);
        out.writeInt(session.subscriptions.size());
        session.subscriptions.values().forEach(each -> writeSubscription(out, each));
        out.writeInt(session.positions.size());
        session.positions.forEach((partition, position) -> write(out, partition, position));
        out.writeInt(session.outbound.size());
        session.outbound.forEach(
                (id, outbound) -> {
                    out.writeShort(id);
                    writeOutbound(out, outbound);
                });
        encodeInbound(session, out);
    }

    private static void write(ByteBuf out, PartitionKey partition, Position position) {
        writePartition(out, partition);
        out.writeLong(position.offset).writeInt(position.finished.size());
        position.finished.forEach(out::writeLong);
    }

    private static void encodeInbound(StoredSession session, ByteBuf out) {
        out.writeInt(session.inbound.size());
        session.inbound.forEach(
                (id, place) -> {
                    out.writeShort(id);
                    writePartition(out, place.partition());
                    out.writeLong(place.offset());
                });
        out.writeLong(session.seen).writeInt(session.seenBeyond.size());
        session.seenBeyond.forEach(out::writeLong);
    }

    private static StoredSession readState(ByteBuf in) {
        StoredSession session = new StoredSession();
        session.number = in.readLong();
        session.slots = in.readInt();
        session.incarnation = in.readLong();
        session.expirySeconds = in.readLong();
        session.disconnectedAtMillis = in.readLong();
        session.principal = readPrincipal(in);
        session.host = readText(in);
        session.will = readBlob(in);
        session.willDelaySeconds = in.readLong();
        session.lastIdentifier = in.readUnsignedShort();
        for (int i = in.readInt(); i > 0; i--) {
            Subscription subscription = readSubscription(in);
            session.subscriptions.put(subscription.filter().text(), subscription);
        }
        for (int i = in.readInt(); i > 0; i--) {
            Position position = session.position(readPartition(in));
            position.offset = in.readLong();
            for (int k = in.readInt(); k > 0; k--) {
                position.finished.add(in.readLong());
            }
        }
        for (int i = in.readInt(); i > 0; i--) {
            session.outbound.put(in.readUnsignedShort(), readOutbound(in));
        }
        readInbound(session, in);
        return session;
    }

    private static void readInbound(StoredSession session, ByteBuf in) {
        for (int i = in.readInt(); i > 0; i--) {
            session.inbound.put(
                    in.readUnsignedShort(), new Place(readPartition(in), in.readLong()));
        }
        session.seen = in.readLong();
        for (int i = in.readInt(); i > 0; i--) {
            session.seenBeyond.add(in.readLong());
        }
    }

    // Fields.

    private static final PartitionKey NO_PARTITION =
            new PartitionKey(new TopicId(new UUID(0, 0)), 0);

    private static void writePartition(ByteBuf out, PartitionKey partition) {
        UUID uuid = partition.topic().uuid();
        out.writeLong(uuid.getMostSignificantBits()).writeLong(uuid.getLeastSignificantBits());
        out.writeInt(partition.index());
    }

    private static PartitionKey readPartition(ByteBuf in) {
        UUID uuid = new UUID(in.readLong(), in.readLong());
        return new PartitionKey(new TopicId(uuid), in.readInt());
    }

    private static void writePositions(ByteBuf out, Map<PartitionKey, Long> positions) {
        out.writeInt(positions.size());
        positions.forEach(
                (partition, offset) -> {
                    writePartition(out, partition);
                    out.writeLong(offset);
                });
    }

    private static void writeOutbound(ByteBuf out, Outbound outbound) {
        PartitionKey partition = outbound.partition();
        out.writeByte(outbound.state()).writeByte(outbound.qos());
        writePartition(out, partition == null ? NO_PARTITION : partition);
        out.writeLong(outbound.offset());
    }

    private static Outbound readOutbound(ByteBuf in) {
        byte state = in.readByte();
        int qos = in.readByte();
        PartitionKey partition = readPartition(in);
        boolean none = partition.equals(NO_PARTITION);
        return new Outbound(state, qos, none ? null : partition, in.readLong());
    }

    private static void writeSubscription(ByteBuf out, Subscription subscription) {
        writeText(out, subscription.filter().text());
        out.writeByte(subscription.maximumQos());
        out.writeBoolean(subscription.noLocal()).writeBoolean(subscription.retainAsPublished());
        out.writeByte(subscription.retainHandling().ordinal()).writeInt(subscription.identifier());
    }

    private static Subscription readSubscription(ByteBuf in) {
        return new Subscription(
                new AddressFilter(readText(in)),
                in.readByte(),
                in.readBoolean(),
                in.readBoolean(),
                RETAIN_HANDLINGS[in.readByte()],
                in.readInt());
    }

    private static void writePrincipal(ByteBuf out, Principal principal) {
        writeText(out, principal.tenant().name());
        writeText(out, principal.name());
        out.writeBoolean(principal.anonymous());
    }

    private static Principal readPrincipal(ByteBuf in) {
        return new Principal(new TenantId(readText(in)), readText(in), in.readBoolean());
    }

    private static void writeText(ByteBuf out, String text) {
        writeBlob(out, text.getBytes(UTF_8));
    }

    private static String readText(ByteBuf in) {
        byte[] bytes = readBlob(in);
        return bytes == null ? "" : new String(bytes, UTF_8);
    }

    private static void writeBlob(ByteBuf out, byte @Nullable [] bytes) {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.writeBytes(bytes);
        }
    }

    private static byte @Nullable [] readBlob(ByteBuf in) {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }
}
