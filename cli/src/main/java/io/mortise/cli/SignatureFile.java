// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;

/** {@code FILE.sig} beside a plugin's jar: the 64 bytes that openssl writes, or base64 of them. */
final class SignatureFile {
    private static final int BYTES = 64;
    private static final int MAX_BYTES = 1_024;

    private SignatureFile() {}

    /** What a request says of the signature; empty if there is no such file. */
    static String query(Path file) {
        Path signature = file.resolveSibling(file.getFileName() + ".sig");
        try (InputStream in = Files.newInputStream(signature)) {
            byte[] bytes = in.readNBytes(MAX_BYTES);
            String text =
                    bytes.length == BYTES
                            ? Base64.getUrlEncoder().encodeToString(bytes)
                            : new String(bytes, StandardCharsets.US_ASCII).strip();
            return "?signature=" + BrokerCommand.encoded(text);
        } catch (NoSuchFileException unsigned) {
            return "";
        } catch (IOException unreadable) {
            throw CommandFailure.misused(
                    "cannot read " + signature + ": " + unreadable.getMessage());
        }
    }
}
