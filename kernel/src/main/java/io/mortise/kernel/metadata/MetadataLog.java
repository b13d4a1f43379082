// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Carries metadata: entries are proposed anywhere, committed once, and told to every node's {@link
 * StateMachine} in one order. What an entry means is not the carrier's business.
 */
public interface MetadataLog extends AutoCloseable {
    /**
     * Restores {@code machine} from the snapshot and the entries after it, then keeps telling it
     * what is committed. Called once, before anything else; may block.
     *
     * @throws IOException unreadable, corrupt or newer files; the message names file, version found
     *     and version known
     */
    void start(StateMachine machine) throws IOException;

    /**
     * Proposes an entry. May block (a local log writes and forces before it returns), so never call
     * it on an event loop.
     *
     * @param entry taken
     * @return completes when committed, or fails with {@link
     *     io.mortise.spi.Reason#METADATA_UNAVAILABLE}: then it is unknown whether the entry will
     *     ever be told
     */
    CompletionStage<Void> propose(byte[] entry);

    /**
     * Writes a snapshot now and drops the entries that it covers; may block. Carriers also do so by
     * themselves.
     */
    void snapshot() throws IOException;

    /** Stops telling; what was committed stays. */
    @Override
    void close() throws IOException;

    /** What is told. Calls come one at a time, from whichever thread the carrier has. */
    interface StateMachine {
        /** Replaces the state by what {@link #snapshot} returned, here or on another node. */
        void restore(List<byte[]> snapshot);

        /** A committed entry. */
        void apply(byte[] entry);

        /**
         * The state after everything applied so far, in chunks of any number and size.
         *
         * @throws IOException something that was told could not be applied, so there is no such
         *     state
         */
        List<byte[]> snapshot() throws IOException;
    }
}
