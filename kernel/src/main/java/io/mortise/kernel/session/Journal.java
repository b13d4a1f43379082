// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.Refusal;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * Where one session notes what must outlive its connection; nowhere, for a session that does not.
 * Used on its loop.
 */
final class Journal {
    private final StateWriter<StoredSession> writer;
    private final String key;
    private final boolean kept;

    Journal(StateWriter<StoredSession> writer, String key, boolean kept) {
        this.writer = writer;
        this.key = key;
        this.kept = kept;
    }

    /** Whether anything is noted. */
    boolean kept() {
        return kept;
    }

    /** Whose it is. */
    String key() {
        return key;
    }

    /** Notes an event that nobody waits for. */
    void note(ByteBuf event) {
        if (kept) {
            writer.append(key, event, null);
        }
    }

    /** Notes an event; {@code then} runs on the loop once it is durable, or soon if not kept. */
    void note(ByteBuf event, Confirmation then) {
        if (kept) {
            writer.append(key, event, then::completed);
        } else {
            writer.turn().loop().execute(() -> then.completed(null));
        }
    }

    /** Runs {@code then} on the loop when every event noted so far was applied, or refused. */
    void settle(Runnable then) {
        if (kept) {
            writer.settle(key, then);
        } else {
            then.run();
        }
    }

    /** Told once. */
    @FunctionalInterface
    interface Confirmation {
        void completed(@Nullable Refusal refusal);
    }
}
