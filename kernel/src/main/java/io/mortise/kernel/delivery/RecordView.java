// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.HeaderCursor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.kernel.routing.AddressBuffer;
import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.record.Header;
import io.mortise.spi.record.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCounted;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * One record of a log as a message, and, for one subscriber after the other, as a delivery. Loaded
 * from a cursor for each record; what is costly to make is made when asked for and shared by the
 * whole fan-out. Used on one loop.
 */
public final class RecordView implements Delivery {
    /** Property that carries a record key which is no part of the address. */
    public static final String KEY_PROPERTY = "record-key";

    private static final int[] NO_IDENTIFIERS = {};
    private static final int ATTACHMENT_KINDS = 16;

    private final HeaderCursor headerCursor = new HeaderCursor();
    private final AddressBuffer addressBuffer = new AddressBuffer();
    private final @Nullable ReferenceCounted[] attachments =
            new @Nullable ReferenceCounted[ATTACHMENT_KINDS];
    private boolean attached;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private long offset;
    private long timestampMillis;
    private int keyIndex;
    private int keyLength;
    private boolean keyInAddress;
    private int valueIndex;
    private int valueLength;
    private int headersIndex;
    private int headersEnd;
    private int headerCount;
    private int ownHeaders;
    private int publishedQos;
    private boolean publishedRetained;
    private boolean utf8;
    private long expirySeconds;
    private int originIndex;
    private int originLength;
    private boolean brokerBuilt;
    private long nowMillis;

    private @Nullable Address address;
    private @Nullable ByteBuf payload;
    private @Nullable List<Header> headers;

    private int qos;
    private boolean retained;
    private boolean duplicate;
    private int deliveryId;
    private int[] identifiers = NO_IDENTIFIERS;

    /**
     * Loads the cursor's current record, whose buffer is borrowed until {@link #clear}.
     *
     * @param topic name of its topic
     * @param catchAll whether the key is the whole address
     * @param fromBroker whether {@code m.*} headers are believed
     * @param now wall time in milliseconds, for expiry
     */
    void load(RecordCursor cursor, byte[] topic, boolean catchAll, boolean fromBroker, long now) {
        clear();
        buffer = cursor.buffer();
        offset = cursor.offset();
        timestampMillis = cursor.timestampMillis();
        keyIndex = cursor.keyIndex();
        keyLength = cursor.keyLength();
        valueIndex = cursor.valueIndex();
        valueLength = cursor.valueLength();
        headersIndex = cursor.headersIndex();
        headersEnd = cursor.endIndex();
        headerCount = cursor.headerCount();
        brokerBuilt = fromBroker;
        nowMillis = now;
        keyInAddress = addressBuffer.set(topic, catchAll, buffer, keyIndex, keyLength);
        loadOwnHeaders();
    }

    /**
     * Loads a message that the broker keeps outside its topic's log, as {@link SingleMessage} wrote
     * it.
     */
    public void load(ByteBuf single, long now) {
        RecordCursor cursor = new RecordCursor();
        cursor.reset(single, single.readerIndex());
        if (!cursor.next()) {
            throw new IllegalArgumentException("no message");
        }
        load(cursor, SingleMessage.NO_TOPIC, true, true, now);
    }

    private void loadOwnHeaders() {
        publishedQos = 1;
        publishedRetained = false;
        utf8 = false;
        expirySeconds = -1;
        originLength = -1;
        ownHeaders = 0;
        if (!brokerBuilt || headerCount == 0) {
            return;
        }
        headerCursor.reset(buffer, headersIndex, headersEnd, headerCount);
        while (headerCursor.next()) {
            if (own(headerCursor)) {
                ownHeaders++;
                loadOwnHeader((char) buffer.getByte(headerCursor.nameIndex() + 2));
            }
        }
    }

    private static boolean own(HeaderCursor header) {
        int at = header.nameIndex();
        return header.nameLength() == 3
                && header.buffer().getByte(at) == 'm'
                && header.buffer().getByte(at + 1) == '.';
    }

    private void loadOwnHeader(char kind) {
        int at = headerCursor.valueIndex();
        int length = headerCursor.valueLength();
        switch (kind) {
            case 'q' -> publishedQos = length == 1 ? buffer.getByte(at) & 3 : 1;
            case 'r' -> publishedRetained = true;
            case 'u' -> utf8 = true;
            case 'x' -> expirySeconds = length == 4 ? buffer.getUnsignedInt(at) : -1;
            case 'o' -> {
                originIndex = at;
                originLength = length;
            }
            default -> {
                // meant for another reader
            }
        }
    }

    /** Lets go of the record and of what was attached. */
    void clear() {
        address = null;
        payload = null;
        headers = null;
        buffer = Unpooled.EMPTY_BUFFER;
        if (attached) {
            attached = false;
            for (int i = 0; i < ATTACHMENT_KINDS; i++) {
                ReferenceCounted encoding = attachments[i];
                attachments[i] = null;
                if (encoding != null) {
                    encoding.release();
                }
            }
        }
    }

    /** Sets what differs from one subscriber to the next. */
    public RecordView present(
            int deliveredQos, boolean retainFlag, boolean again, int id, int[] subscriptions) {
        qos = deliveredQos;
        retained = retainFlag;
        duplicate = again;
        deliveryId = id;
        identifiers = subscriptions;
        return this;
    }

    /** Offset of the record. */
    public long offset() {
        return offset;
    }

    /** Quality of service that it was published at. */
    public int publishedQos() {
        return publishedQos;
    }

    /** The retain flag as published. */
    public boolean publishedRetained() {
        return publishedRetained;
    }

    /** Lifetime as published; -1 for ever. */
    long publishedExpirySeconds() {
        return expirySeconds;
    }

    /** The headers as a protocol's mapping wrote them, to publish the message again. */
    List<Header> headersWithUtf8Mark() {
        if (!utf8) {
            return headers();
        }
        List<Header> marked = new ArrayList<>(headers());
        marked.add(new Header(HeaderNames.UTF8_PAYLOAD, new byte[0]));
        return marked;
    }

    /** The address, as bytes. */
    AddressBuffer addressBytes() {
        return addressBuffer;
    }

    /** Sets the address, where a cache has it already. */
    void knownAddress(Address known) {
        address = known;
    }

    /** Whether the session with this client id published it, as far as the record says. */
    public boolean publishedBy(byte[] clientId) {
        if (originLength != clientId.length) {
            return false;
        }
        for (int i = 0; i < clientId.length; i++) {
            if (buffer.getByte(originIndex + i) != clientId[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether its lifetime is over. */
    public boolean expired() {
        return expirySeconds >= 0 && nowMillis >= timestampMillis + 1000 * expirySeconds;
    }

    @Override
    public Address address() {
        Address known = address;
        if (known == null) {
            byte[] copy = new byte[addressBuffer.length()];
            System.arraycopy(addressBuffer.bytes(), 0, copy, 0, copy.length);
            known = Address.of(copy);
            address = known;
        }
        return known;
    }

    @Override
    public ByteBuf payload() {
        ByteBuf known = payload;
        if (known == null) {
            known =
                    valueLength <= 0
                            ? Unpooled.EMPTY_BUFFER
                            : buffer.slice(valueIndex, valueLength);
            payload = known;
        }
        return known;
    }

    @Override
    public List<Header> headers() {
        List<Header> known = headers;
        if (known == null) {
            known = headerCount == ownHeaders && keyInAddress ? List.of() : userHeaders();
            headers = known;
        }
        return known;
    }

    private List<Header> userHeaders() {
        List<Header> read = new ArrayList<>(headerCount - ownHeaders + 1);
        headerCursor.reset(buffer, headersIndex, headersEnd, headerCount);
        while (headerCursor.next()) {
            if (!brokerBuilt || !own(headerCursor)) {
                read.add(
                        new Header(
                                buffer.toString(
                                        headerCursor.nameIndex(), headerCursor.nameLength(), UTF_8),
                                bytes(headerCursor.valueIndex(), headerCursor.valueLength())));
            }
        }
        if (!keyInAddress) {
            read.add(new Header(KEY_PROPERTY, bytes(keyIndex, keyLength)));
        }
        return read;
    }

    private byte[] bytes(int index, int length) {
        return ByteBufUtil.getBytes(buffer, index, Math.max(0, length));
    }

    @Override
    public int qos() {
        return qos;
    }

    @Override
    public boolean retained() {
        return retained;
    }

    @Override
    public boolean duplicate() {
        return duplicate;
    }

    @Override
    public int deliveryId() {
        return deliveryId;
    }

    @Override
    public int[] subscriptionIdentifiers() {
        return identifiers;
    }

    @Override
    public long remainingExpirySeconds() {
        if (expirySeconds < 0) {
            return -1;
        }
        long waited = Math.max(0, nowMillis - timestampMillis) / 1000;
        return Math.max(1, expirySeconds - waited);
    }

    @Override
    public boolean utf8Payload() {
        return utf8;
    }

    @Override
    public long timestampMillis() {
        return timestampMillis;
    }

    @Override
    public @Nullable ReferenceCounted attachment(int kind) {
        return attachments[kind];
    }

    @Override
    public void attach(int kind, ReferenceCounted encoding) {
        ReferenceCounted old = attachments[kind];
        attachments[kind] = encoding;
        attached = true;
        if (old != null) {
            old.release();
        }
    }
}
