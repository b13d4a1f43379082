// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpaces;
import io.mortise.spi.testing.KeyValueSpaceSuite;
import io.mortise.spi.testing.TestMetrics;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/** Ordered keys in memory. */
class MemorySpaceTest extends KeyValueSpaceSuite {
    private final MemoryEngine engine = new MemoryEngine(64 << 20, false, new TestMetrics());

    @Override
    protected KeyValueSpaces openEmpty() {
        return engine;
    }

    @Override
    protected KeyValueSpaces reopen() {
        throw new AssertionError("nothing outlives this engine");
    }

    @Override
    protected KeyValueSpaces reopenKilled() {
        throw new AssertionError("nothing outlives this engine");
    }

    @Override
    protected void closeEngine() {
        engine.close();
    }

    @Test
    void aBatchThatDoesNotFitIsRefusedAndMemoryComesBack() throws IOException {
        var metrics = new TestMetrics();
        var small = new MemoryEngine(10_000, false, metrics);
        var space = small.openSpace("small");
        byte[] key = {1};
        for (int i = 0; i < 100; i++) {
            space.write(new KeyValueBatch().put(key, new byte[4_000]));
        }
        assertThatThrownBy(
                        () -> space.write(new KeyValueBatch().put(new byte[] {2}, new byte[8_000])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("10000");
        assertThat(space.get(key)).hasSize(4_000);
        space.write(new KeyValueBatch().delete(key));
        assertThat(metrics.values()).containsEntry("mortise_storage_memory_used_bytes", 0.0);
        small.close();
    }
}
