// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The resources below {@code /api/v1}, one set for the control socket, the command line and HTTP.
 * Bodies are JSON; a refusal is {@code {"reason": ..., "message": ...}}.
 *
 * <pre>
 * GET    /topics                      all topics of ?tenant=
 * POST   /topics                      {"name", "partitions", "configs": {}}
 * GET    /topics/NAME                 with partitions and every config in force
 * PATCH  /topics/NAME                 {"partitions", "configs": {"key": "value" or null}}
 * DELETE /topics/NAME
 * GET    /configs                     every config a topic may have
 * GET    /users, PUT /users/NAME      {"password"} or {"credential"};  DELETE /users/NAME
 * GET    /rules, POST /rules          {"effect", "principal", "host", "resource", "patternType", "pattern", "operation"}
 * DELETE /rules/ID
 * GET    /connectors, POST            {"name", "plugin", "topics": [], "settings": {}}
 * GET    /connectors/NAME, DELETE;    POST /connectors/NAME/pause, resume, restart
 * GET    /cluster, /health
 * </pre>
 */
@NullMarked
package io.mortise.kernel.admin;

import org.jspecify.annotations.NullMarked;
