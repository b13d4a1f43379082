// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import java.nio.ByteBuffer;

/**
 * What the group commits: {@code kind 1 | first 8 | second 8 | payload}.
 *
 * @param first of a founding chunk its index; of a barrier the first half of its name
 * @param second of a founding chunk how many there are; of a barrier the second half of its name
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GroupEntry(Kind kind, long first, long second, byte[] payload) {
    private static final int HEADER_BYTES = 17;

    enum Kind {
        /** An entry of the metadata. */
        PROPOSAL,
        /** A part of the state that a new group begins with. */
        FOUNDING,
        /** Changes nothing; tells the one who sent it that everything before is applied. */
        BARRIER
    }

    byte[] bytes() {
        return ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .put((byte) kind.ordinal())
                .putLong(first)
                .putLong(second)
                .put(payload)
                .array();
    }

    /**
     * @throws IllegalArgumentException an entry that a newer version wrote
     */
    static GroupEntry parse(ByteBuffer bytes) {
        int kind = bytes.get();
        if (kind < 0 || kind >= Kind.values().length) {
            throw new IllegalArgumentException(
                    "the metadata group holds an entry of kind "
                            + kind
                            + ", this version of Mortise understands 0 to "
                            + (Kind.values().length - 1));
        }
        long first = bytes.getLong();
        long second = bytes.getLong();
        byte[] payload = new byte[bytes.remaining()];
        bytes.get(payload);
        return new GroupEntry(Kind.values()[kind], first, second, payload);
    }
}
