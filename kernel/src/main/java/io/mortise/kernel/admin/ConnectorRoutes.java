// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.connector.ConnectorRuntime;
import io.mortise.kernel.connector.ConnectorStatus;
import io.mortise.kernel.metadata.ConnectorDefinition;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /connectors}. Secrets go in and never come out. */
public final class ConnectorRoutes {
    private final ConnectorRuntime connectors;

    private ConnectorRoutes(ConnectorRuntime connectors) {
        this.connectors = connectors;
    }

    /** Adds the routes. */
    public static void add(AdminRouter router, ConnectorRuntime connectors) {
        ConnectorRoutes routes = new ConnectorRoutes(connectors);
        router.route("GET", "/connectors", _ -> routes.list());
        router.route("POST", "/connectors", routes::create);
        router.route("GET", "/connectors/{name}", call -> routes.row(call.variable("name")));
        router.route("DELETE", "/connectors/{name}", routes::remove);
        router.route("POST", "/connectors/{name}/pause", call -> routes.pause(call, true));
        router.route("POST", "/connectors/{name}/resume", call -> routes.pause(call, false));
        router.route("POST", "/connectors/{name}/restart", routes::restart);
    }

    private Object list() {
        return Map.of("connectors", connectors.all().stream().map(this::row).toList());
    }

    private Object create(AdminCall call) {
        AdminCall.Body body = call.body("name", "plugin", "topics", "settings");
        String name = body.text("name");
        if (!name.matches("[a-zA-Z0-9._-]{1,100}")) {
            throw AdminCall.invalid(
                    "connector name '" + name + "' is not 1 to 100 characters of [a-zA-Z0-9._-]");
        }
        ConnectorDefinition definition =
                new ConnectorDefinition(
                        name,
                        call.tenant(),
                        body.text("plugin"),
                        body.texts("topics"),
                        body.values("settings"),
                        false);
        connectors.create(definition).toCompletableFuture().join();
        return row(definition);
    }

    private @Nullable Object remove(AdminCall call) {
        connectors.remove(call.variable("name")).toCompletableFuture().join();
        return null;
    }

    private Object pause(AdminCall call, boolean paused) {
        String name = call.variable("name");
        connectors.pause(name, paused).toCompletableFuture().join();
        return row(name);
    }

    private Object restart(AdminCall call) {
        String name = call.variable("name");
        connectors.restart(name);
        return row(name);
    }

    private Map<String, Object> row(String name) {
        for (ConnectorDefinition definition : connectors.all()) {
            if (definition.name().equals(name)) {
                return row(definition);
            }
        }
        throw new RefusedException(Reason.UNKNOWN_RESOURCE, "there is no connector '" + name + "'");
    }

    private Map<String, Object> row(ConnectorDefinition definition) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", definition.name());
        row.put("plugin", definition.plugin());
        row.put("topics", definition.topics());
        row.put("settings", connectors.shownSettings(definition));
        row.put("paused", definition.paused());
        ConnectorStatus status = connectors.status(definition.name());
        row.put("status", status);
        return row;
    }
}
