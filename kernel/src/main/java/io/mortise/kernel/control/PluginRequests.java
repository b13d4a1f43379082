// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.control;

import io.mortise.kernel.admin.AdminResource;
import io.mortise.kernel.plugin.BundleFile;
import io.mortise.kernel.plugin.BundleSignature;
import io.mortise.kernel.plugin.Json;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.admin.Administration.Request;
import io.mortise.spi.admin.Administration.Response;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The resource {@code /api/v1/plugins}, and {@code /api/v1/doctor}.
 *
 * <pre>
 * GET    /plugins                 all
 * GET    /plugins/ID              one
 * POST   /plugins                 installs the bundle in the body; ?upgrade=true replaces
 * POST   /plugins/verify          says what is wrong with the bundle in the body
 *        both: ?signature=BASE64  Ed25519 over the bundle, by one of the keys in conf/keys
 * POST   /plugins/ID/start, stop
 * DELETE /plugins/ID              uninstalls; ?force=true although it is needed
 * GET    /doctor                  what is wrong with plugins
 * </pre>
 */
public final class PluginRequests implements AdminResource {
    private static final Logger LOG = LoggerFactory.getLogger(PluginRequests.class);
    private static final String ROOT = "/api/v1/plugins";
    private static final String VERIFY = ROOT + "/verify";
    private static final String DOCTOR = "/api/v1/doctor";

    private final PluginHost host;

    public PluginRequests(PluginHost host) {
        this.host = host;
    }

    @Override
    public boolean owns(String path) {
        return path.equals(DOCTOR) || path.equals(ROOT) || path.startsWith(ROOT + "/");
    }

    @Override
    public Response handle(Request request) {
        try {
            if (streams(request.method(), request.path())) {
                var body = new ByteArrayInputStream(request.body());
                return upload(request.path(), request.query(), body);
            }
            boolean force = "true".equals(request.query().get("force"));
            return ok(answer(request.method(), request.path(), force));
        } catch (RefusedException refused) {
            return refusal(refused.refusal());
        } catch (RuntimeException bug) {
            return bug(bug);
        }
    }

    /** Whether the body is a bundle, to be handed to {@link #upload}. */
    boolean streams(String method, String path) {
        return method.equals("POST") && (path.equals(ROOT) || path.equals(VERIFY));
    }

    /** Takes a bundle as it arrives; blocks. */
    Response upload(String path, Map<String, String> query, InputStream body) {
        try {
            String signature = query.get("signature");
            BundleFile received =
                    host.receive(body, signature == null ? null : BundleSignature.parse(signature));
            if (path.equals(VERIFY)) {
                return ok(verified(received));
            }
            boolean upgrade = "true".equals(query.get("upgrade"));
            return ok(row(upgrade ? host.upgrade(received) : host.install(received)));
        } catch (RefusedException refused) {
            return refusal(refused.refusal());
        } catch (IOException | RuntimeException failed) {
            return bug(failed);
        }
    }

    private Map<String, @Nullable Object> verified(BundleFile received) throws IOException {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        try {
            answer.put("faults", host.verify(received));
            answer.put("signer", host.signer(received));
        } catch (RefusedException refused) {
            answer.putIfAbsent("faults", List.of(refused.refusal().message()));
        } finally {
            host.discard(received);
        }
        return answer;
    }

    private Object answer(String method, String path, boolean force) {
        if (path.equals(DOCTOR) && method.equals("GET")) {
            return Map.of("findings", host.doctor());
        }
        String[] names = path.substring(Math.min(path.length(), ROOT.length())).split("/", -1);
        String what = method + " " + (names.length > 2 ? names[2] : "") + names.length;
        return switch (what) {
            case "GET 1" -> Map.of("plugins", host.list().stream().map(this::row).toList());
            case "GET 2" -> row(host.status(names[1]));
            case "DELETE 2" -> row(host.uninstall(names[1], force));
            case "POST start3" -> row(host.start(names[1]));
            case "POST stop3" -> row(host.stop(names[1]));
            default ->
                    throw new RefusedException(
                            Reason.UNKNOWN_RESOURCE, method + " " + path + " is nothing known");
        };
    }

    private Map<String, @Nullable Object> row(PluginStatus status) {
        var row = new LinkedHashMap<String, @Nullable Object>();
        row.put("id", status.id());
        row.put("kind", status.kind().text());
        row.put("version", status.version());
        row.put("state", status.state().name());
        row.put("licence", status.licence());
        row.put("bundle", status.bundle());
        row.put("shipped", status.shipped());
        row.put("signer", status.signer());
        row.put("reason", status.reason());
        row.put("note", status.note());
        return row;
    }

    private static Response ok(Object body) {
        return new Response(200, Json.bytes(body));
    }

    private static Response refusal(Refusal refusal) {
        int status =
                switch (refusal.reason()) {
                    case UNKNOWN_RESOURCE -> 404;
                    case RESOURCE_EXISTS, IN_USE -> 409;
                    default ->
                            switch (refusal.remedy()) {
                                case FIX_REQUEST -> 400;
                                case RETRY_LATER -> 503;
                                case GO_ELSEWHERE -> 421;
                                case CALL_OPERATOR -> 500;
                            };
                };
        return new Response(
                status,
                Json.bytes(
                        Map.of("reason", refusal.reason().name(), "message", refusal.message())));
    }

    private static Response bug(Exception failed) {
        LOG.error("A plugin command failed", failed);
        return refusal(new Refusal(Reason.INTERNAL_ERROR, failed.toString()));
    }
}
