// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.BundleFile;
import io.mortise.kernel.plugin.PluginHost;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code plugin verify} asks of others, the shipped plugins do. */
final class VerifiedPluginsTest {
    @TempDir Path data;

    @Test
    void nothingIsWrongWithTheShippedPlugins() throws Exception {
        try (var broker = EmbeddedBroker.builder(data).plugins("storage-segment").start()) {
            for (Path bundle : Shipped.bundles()) {
                assertThat(findings(broker.plugins(), bundle)).as(bundle.toString()).isEmpty();
            }
        }
    }

    private static List<String> findings(PluginHost host, Path bundle) throws IOException {
        try (InputStream in = Files.newInputStream(bundle)) {
            BundleFile received = host.receive(in);
            List<String> findings = host.verify(received);
            host.discard(received);
            return findings;
        }
    }
}
