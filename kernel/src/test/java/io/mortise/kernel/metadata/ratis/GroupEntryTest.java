// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

final class GroupEntryTest {
    @Test
    void comesBackAsItWas() {
        for (GroupEntry.Kind kind : GroupEntry.Kind.values()) {
            byte[] bytes = new GroupEntry(kind, 7, -8, new byte[] {9}).bytes();
            GroupEntry read = GroupEntry.parse(ByteBuffer.wrap(bytes));
            assertThat(read.kind()).isEqualTo(kind);
            assertThat(read.first()).isEqualTo(7);
            assertThat(read.second()).isEqualTo(-8);
            assertThat(read.payload()).containsExactly(9);
        }
    }

    @Test
    void refusesAKindOfANewerVersionNamingBoth() {
        byte[] bytes = new GroupEntry(GroupEntry.Kind.PROPOSAL, 0, 0, new byte[0]).bytes();
        bytes[0] = 3;
        assertThatThrownBy(() -> GroupEntry.parse(ByteBuffer.wrap(bytes)))
                .hasMessageContaining("kind 3")
                .hasMessageContaining("understands 0 to 2");
    }
}
