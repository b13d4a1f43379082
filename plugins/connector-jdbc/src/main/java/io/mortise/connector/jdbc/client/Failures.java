// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.client;

import java.sql.SQLException;

/** What a database error means, by its SQLSTATE class (ISO 9075; PostgreSQL's appendix A). */
public final class Failures {
    private Failures() {}

    /** The database is away, busy or chose a victim: the same again may work. */
    public static boolean retriable(SQLException failure) {
        String state = failure.getSQLState();
        return state == null
                || state.startsWith("08") // connection
                || state.startsWith("40") // serialisation failure, deadlock
                || state.startsWith("53") // out of connections, memory or disk
                || state.startsWith("57") // shut down, starting up, cancelled
                || state.startsWith("58"); // I/O error
    }

    /** The row itself is at fault: another row may go in. */
    public static boolean rowAtFault(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    /** In one line. */
    public static String text(SQLException failure) {
        SQLException cause =
                failure.getNextException() == null ? failure : failure.getNextException();
        String message = String.valueOf(cause.getMessage()).replace('\n', ' ');
        return "SQLSTATE " + cause.getSQLState() + ": " + message;
    }
}
