// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Finds who answers a request and turns what goes wrong into answers. Any thread. */
public final class AdminRouter implements Administration {
    private static final Logger LOG = LoggerFactory.getLogger(AdminRouter.class);
    private static final String ROOT = "/api/v1";
    private static final int MAX_AT_ONCE = 64;

    private record Route(String method, String[] pattern, AdminHandler handler) {}

    private final Scheduler scheduler;
    private final byte[] token;
    private final Supplier<Health> health;
    private final Supplier<String> metrics;
    private final List<Route> routes = new CopyOnWriteArrayList<>();
    private final List<AdminResource> resources = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();

    /**
     * @param token that callers over the network must show
     * @param metrics in Prometheus' text format
     */
    public AdminRouter(
            Scheduler scheduler, String token, Supplier<Health> health, Supplier<String> metrics) {
        this.scheduler = scheduler;
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.health = health;
        this.metrics = metrics;
        route("GET", "/health", _ -> health());
    }

    /**
     * Adds a route.
     *
     * @param pattern below {@code /api/v1}, with {@code {name}} for a part that varies: {@code
     *     /topics/{name}}
     */
    public Registration route(String method, String pattern, AdminHandler handler) {
        Route route = new Route(method, (ROOT + pattern).split("/", -1), handler);
        routes.add(route);
        return () -> routes.remove(route);
    }

    /** Adds a family of paths that answers for itself; asked before the routes. */
    public Registration mount(AdminResource resource) {
        resources.add(resource);
        return () -> resources.remove(resource);
    }

    @Override
    public CompletionStage<Response> handle(Request request) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        if (running.incrementAndGet() > MAX_AT_ONCE) {
            running.decrementAndGet();
            answer.complete(
                    refused(Reason.BUSY, MAX_AT_ONCE + " administrative requests run already"));
        } else {
            scheduler.execute(() -> answer.complete(run(request)));
        }
        return answer;
    }

    private Response run(Request request) {
        try {
            return dispatch(request);
        } catch (RefusedException e) {
            return AdminJson.refused(e.refusal());
        } catch (CompletionException e) {
            return e.getCause() instanceof RefusedException refused
                    ? AdminJson.refused(refused.refusal())
                    : bug(request, e);
        } catch (Exception e) {
            return bug(request, e);
        } finally {
            running.decrementAndGet();
        }
    }

    private static Response bug(Request request, Exception e) {
        LOG.error("The request {} {} failed.", request.method(), request.path(), e);
        return refused(Reason.INTERNAL_ERROR, "the request failed; see the broker's log");
    }

    private Response dispatch(Request request) throws Exception {
        for (AdminResource resource : resources) {
            if (resource.owns(request.path())) {
                return resource.handle(request);
            }
        }
        String[] path = request.path().split("/", -1);
        boolean known = false;
        for (Route route : routes) {
            Map<String, String> variables = match(route.pattern, path);
            if (variables != null && route.method.equals(request.method())) {
                return AdminJson.ok(route.handler.handle(new AdminCall(request, variables)));
            }
            known |= variables != null;
        }
        throw new RefusedException(
                Reason.UNKNOWN_RESOURCE,
                known
                        ? request.path() + " does not know " + request.method()
                        : "there is nothing at " + request.path());
    }

    private static @Nullable Map<String, String> match(String[] pattern, String[] path) {
        if (pattern.length != path.length) {
            return null;
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < path.length; i++) {
            if (pattern[i].startsWith("{")) {
                if (path[i].isEmpty()) {
                    return null;
                }
                variables.put(pattern[i].substring(1, pattern[i].length() - 1), path[i]);
            } else if (!pattern[i].equals(path[i])) {
                return null;
            }
        }
        return variables;
    }

    private static Response refused(Reason reason, String message) {
        return AdminJson.refused(new Refusal(reason, message));
    }

    @Override
    public boolean authorized(byte[] shown) {
        return MessageDigest.isEqual(token, shown);
    }

    @Override
    public Health health() {
        return health.get();
    }

    @Override
    public String metrics() {
        return metrics.get();
    }
}
