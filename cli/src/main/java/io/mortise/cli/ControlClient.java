// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** One HTTP/1.1 request per call over {@code control.sock} in the broker's data directory. */
final class ControlClient {
    static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ROOT = "/api/v1";

    private final Path data;

    ControlClient(Path data) {
        this.data = data;
    }

    JsonNode get(String path) {
        return request("GET", path, null);
    }

    JsonNode delete(String path) {
        return request("DELETE", path, null);
    }

    /**
     * Sends a body.
     *
     * @param body null for none
     */
    JsonNode send(String method, String path, @Nullable JsonNode body) {
        return request(method, path, body);
    }

    /** Sends a file's bytes. */
    JsonNode upload(String path, Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return exchange("POST", path, bytes, Files.size(file));
        } catch (NoSuchFileException absent) {
            throw CommandFailure.misused("there is no file " + file);
        } catch (IOException failed) {
            throw CommandFailure.misused("cannot read " + file + ": " + failed.getMessage());
        }
    }

    private JsonNode request(String method, String path, @Nullable JsonNode body) {
        try {
            byte[] bytes = body == null ? new byte[0] : MAPPER.writeValueAsBytes(body);
            return exchange(method, path, new java.io.ByteArrayInputStream(bytes), bytes.length);
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    private JsonNode exchange(String method, String path, InputStream body, long length) {
        try (SocketChannel connection = connect()) {
            OutputStream out = Channels.newOutputStream(connection);
            String head =
                    "%s %s%s HTTP/1.1\r\nHost: mortise\r\nContent-Length: %d\r\n\r\n"
                            .formatted(method, ROOT, path, length);
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            body.transferTo(out);
            return answer(new BufferedInputStream(Channels.newInputStream(connection)));
        } catch (IOException broken) {
            throw CommandFailure.refused(
                    "the broker did not answer (" + broken.getMessage() + "): see its log");
        }
    }

    private SocketChannel connect() {
        Path socket = data.resolve("control.sock");
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException unreachable) {
            throw CommandFailure.refused(
                    "no broker runs on "
                            + data.toAbsolutePath().normalize()
                            + ": start it, or name its data directory with --data");
        }
    }

    private static JsonNode answer(InputStream in) throws IOException {
        byte[] response = in.readAllBytes();
        int end = bodyStart(response);
        String head = new String(response, 0, end, StandardCharsets.US_ASCII);
        int status = Integer.parseInt(head.split(" ", 3)[1]);
        JsonNode body = MAPPER.readTree(response, end, response.length - end);
        if (status / 100 != 2) {
            throw CommandFailure.refused(body.path("message").asText("status " + status));
        }
        return body;
    }

    private static int bodyStart(byte[] response) throws IOException {
        for (int i = 3; i < response.length; i++) {
            if (response[i] == '\n'
                    && response[i - 1] == '\r'
                    && response[i - 2] == '\n'
                    && response[i - 3] == '\r') {
                return i + 1;
            }
        }
        throw new IOException("no whole answer");
    }
}
