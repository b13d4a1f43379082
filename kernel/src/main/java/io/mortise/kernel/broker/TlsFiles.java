// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.config.ListenerConfig;
import io.mortise.kernel.listener.ListenerSettings;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads the PEM files of a listener. */
final class TlsFiles {
    ListenerSettings.Tls read(Path home, String listener, ListenerConfig.Tls tls) {
        return new ListenerSettings.Tls(
                bytes(home.resolve(tls.certificate()), listener, "certificate"),
                bytes(home.resolve(tls.key()), listener, "key"));
    }

    private static byte[] bytes(Path path, String listener, String what) {
        Path absolute = path.toAbsolutePath().normalize();
        try (StorageFile file =
                new DiskFileLayer(absolute.getParent())
                        .open(absolute.getFileName().toString(), OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return bytes.array();
        } catch (IOException unreadable) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "listener '%s': %s cannot be read (%s): correct listeners.%s.tls.%s in mortise.yaml"
                            .formatted(listener, absolute, unreadable, listener, what));
        }
    }
}
