// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.control;

import io.mortise.kernel.plugin.Json;
import io.mortise.kernel.runtime.OwnerOnlySocket;
import io.mortise.spi.Reason;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.admin.Administration.Request;
import io.mortise.spi.admin.Administration.Response;
import io.mortise.spi.runtime.Scheduler;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Serves {@link Administration} as HTTP/1.1 on {@code data/control.sock}, one request per
 * connection, each on a virtual thread.
 */
public final class ControlServer implements AutoCloseable {
    /** Below the data directory. */
    public static final String FILE = "control.sock";

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int MAX_BODY_BYTES = 16 << 20;
    private static final int MAX_AT_ONCE = 32;

    private final OwnerOnlySocket socket;
    private final Administration administration;
    private final PluginRequests plugins;
    private final Scheduler scheduler;
    private final Semaphore slots = new Semaphore(MAX_AT_ONCE);
    private volatile boolean closed;

    private ControlServer(
            OwnerOnlySocket socket,
            Administration administration,
            PluginRequests plugins,
            Scheduler scheduler) {
        this.socket = socket;
        this.administration = administration;
        this.plugins = plugins;
        this.scheduler = scheduler;
    }

    /**
     * Opens the socket and begins to serve.
     *
     * @param plugins takes bundles as they arrive, which the administration takes in one piece only
     */
    public static ControlServer open(
            Path data, Administration administration, PluginRequests plugins, Scheduler scheduler)
            throws IOException {
        OwnerOnlySocket socket = OwnerOnlySocket.open(data.resolve(FILE));
        var server = new ControlServer(socket, administration, plugins, scheduler);
        scheduler.execute(server::accept);
        return server;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
    }

    private void accept() {
        while (!closed) {
            try {
                SocketChannel connection = socket.accept();
                slots.acquireUninterruptibly();
                scheduler.execute(() -> serve(connection));
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException | IllegalStateException failed) {
                if (!closed) {
                    LOG.error("The control socket ended", failed);
                }
                return;
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection;
                InputStream in = new BufferedInputStream(Channels.newInputStream(connection));
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(connection))) {
            write(out, answer(in));
        } catch (IOException gone) {
            LOG.debug("A control connection broke", gone);
        } finally {
            slots.release();
        }
    }

    private Response answer(InputStream in) throws IOException {
        HttpHead head;
        try {
            head = HttpHead.read(in);
        } catch (IOException malformed) {
            return error(400, Reason.INVALID_REQUEST, String.valueOf(malformed.getMessage()));
        }
        if (head == null) {
            throw new EOFException("no request");
        }
        if (plugins.streams(head.method(), head.path())) {
            try (InputStream body = new BodyStream(in, head.contentLength())) {
                return plugins.upload(head.path(), head.query(), body);
            }
        }
        if (head.contentLength() > MAX_BODY_BYTES) {
            return error(413, Reason.TOO_LARGE, "a body has at most " + MAX_BODY_BYTES + " bytes");
        }
        byte[] body = in.readNBytes((int) head.contentLength());
        var request =
                new Request(head.method(), head.path(), head.query(), head.contentType(), body);
        return administration.handle(request).toCompletableFuture().join();
    }

    private static Response error(int status, Reason reason, String message) {
        return new Response(
                status, Json.bytes(Map.of("reason", reason.name(), "message", message)));
    }

    private static void write(OutputStream out, Response response) throws IOException {
        String head =
                "HTTP/1.1 "
                        + response.status()
                        + " -\r\nContent-Type: application/json\r\nContent-Length: "
                        + response.body().length
                        + "\r\nConnection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(response.body());
        out.flush();
    }
}
