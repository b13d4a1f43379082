// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.List;

/**
 * One connected session. Every method is called on its loop, and every callback is told there,
 * never before the method returns. What a callback confirms is durable if the session or the
 * message asks for it.
 */
@ProviderType
public interface Session {
    /** Whether an earlier session was resumed. */
    boolean present();

    /**
     * Begins delivery: first what is in flight from before ({@link Receiver#deliver} with the
     * duplicate flag, {@link Receiver#release}), then the backlog, then live. Called once, after
     * the client was told that it is connected.
     */
    void start();

    /**
     * Publishes. Messages of one session to one partition keep the order of calls.
     *
     * @param message its payload is taken, always, even on refusal
     * @param callback QoS 0: told when it has its place; otherwise once durable. Null: nobody wants
     *     to know (QoS 0)
     */
    void publish(Message message, @Nullable PublishCallback callback);

    /**
     * Publishes exactly once (QoS 2): an identifier that is known and not yet released publishes
     * nothing again.
     *
     * @param identifier 1 to 65535
     * @param message taken
     */
    void publishExactlyOnce(int identifier, Message message, PublishCallback callback);

    /**
     * Forgets an identifier of {@link #publishExactlyOnce}.
     *
     * @param callback told once it is durably forgotten; {@code known} says whether there was such
     *     an identifier
     */
    void release(int identifier, ReleaseCallback callback);

    /**
     * Whether more publishes are welcome. If not, the connection stops reading until {@link
     * Receiver#publishable}; publishes already read are still taken.
     */
    boolean publishable();

    /**
     * Adds or replaces subscriptions, answering each in order, then sends retained messages as
     * asked.
     */
    void subscribe(List<Subscription> subscriptions, SubscribeCallback callback);

    /** Removes subscriptions, answering for each whether it was there. */
    void unsubscribe(List<AddressFilter> filters, UnsubscribeCallback callback);

    /**
     * The delivery is done: QoS 1 acknowledged, or QoS 2 completed. An unknown identifier is
     * ignored.
     */
    void acknowledge(int deliveryId);

    /**
     * The receiver has it (QoS 2, PUBREC): never delivered again; {@code callback} is told when
     * that is durable. {@code known} is false for an identifier that is not in flight.
     */
    void received(int deliveryId, ReleaseCallback callback);

    /** The receiver, which had answered false, can take again. */
    void resume();

    /** Replaces the expiry given at opening. */
    void updateExpiry(long expirySeconds);

    /**
     * Ends the connection's hold on the session; nothing is delivered after this. Does nothing
     * after {@link Receiver#closed}.
     */
    void close(End end);

    /** How a connection ended. */
    enum End {
        /** The client said goodbye: its will is dropped. */
        NORMAL,
        /** The client said goodbye and asked for its will. */
        WITH_WILL,
        /** Everything else: the will is published. */
        ABNORMAL
    }

    /** Told how a publish went. */
    @FunctionalInterface
    interface PublishCallback {
        /**
         * @param refusal null if it went well
         */
        void completed(@Nullable Refusal refusal);
    }

    /** Told that an identifier's step is durable. */
    @FunctionalInterface
    interface ReleaseCallback {
        void completed(boolean known, @Nullable Refusal refusal);
    }

    /** Told how subscribing went. */
    @FunctionalInterface
    interface SubscribeCallback {
        /**
         * @param refusals as many as subscriptions, null where granted
         */
        void completed(List<@Nullable Refusal> refusals);
    }

    /** Told how unsubscribing went. */
    @FunctionalInterface
    interface UnsubscribeCallback {
        /**
         * @param existed as many as filters
         */
        void completed(List<Boolean> existed, @Nullable Refusal refusal);
    }
}
