// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.sink;

import io.mortise.connector.jdbc.client.Failures;
import io.mortise.connector.jdbc.client.SinkDatabase;
import io.mortise.connector.jdbc.mapping.Row;
import io.mortise.connector.jdbc.mapping.RowMapper;
import io.mortise.connector.jdbc.mapping.SinkSettings;
import io.mortise.connector.jdbc.mapping.Table;
import io.mortise.connector.jdbc.mapping.UnfitRecordException;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.connector.RetriableSinkException;
import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.connector.SinkTask;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes batches of records, each in one transaction with the offsets after it: a record is in the
 * table exactly once whatever dies in between.
 */
public final class JdbcSinkTask implements SinkTask {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcSinkTask.class);

    private final String connector;
    private final SinkSettings settings;
    private final Map<SinkPartition, Long> stored = new HashMap<>();
    private final Map<String, RowMapper> mappers = new HashMap<>();
    private @Nullable SinkDatabase database;

    public JdbcSinkTask(String connector, SinkSettings settings) {
        this.connector = connector;
        this.settings = settings;
    }

    @Override
    public Map<SinkPartition, Long> start(List<SinkPartition> partitions)
            throws RetriableSinkException {
        try {
            SinkDatabase opened = new SinkDatabase(settings, connector);
            database = opened;
            stored.clear();
            stored.putAll(opened.offsets());
            mappers.clear();
            for (SinkPartition partition : partitions) {
                if (!mappers.containsKey(partition.topic())) {
                    mappers.put(partition.topic(), mapper(opened, partition.topic()));
                }
            }
            return Map.copyOf(stored);
        } catch (SQLException e) {
            stop();
            throw translated("cannot open " + settings, e);
        }
    }

    private RowMapper mapper(SinkDatabase opened, String topic) throws SQLException {
        Table table = opened.describe(settings.tableFor(topic));
        if (table.columns().isEmpty()) {
            throw new RefusedException(
                    Reason.UNKNOWN_RESOURCE,
                    "table "
                            + table.name()
                            + " does not exist for this user; create it, then restart the"
                            + " connector");
        }
        return new RowMapper(settings, table);
    }

    @Override
    public List<RejectedRecord> put(List<SinkRecord> records) throws RetriableSinkException {
        SinkDatabase open = database;
        if (open == null) {
            throw new IllegalStateException("put before start");
        }
        try {
            Batch batch = new Batch(open);
            for (SinkRecord record : records) {
                batch.add(record);
                if (batch.stopped != null) {
                    break;
                }
            }
            batch.finish();
            RejectedRecord stopped = batch.stopped;
            if (stopped != null) {
                throw new RefusedException(Reason.INVALID_REQUEST, describe(stopped));
            }
            return batch.rejected;
        } catch (SQLException e) {
            undo(open);
            throw translated("cannot write", e);
        }
    }

    private static String describe(RejectedRecord rejected) {
        SinkRecord record = rejected.source();
        return "record "
                + record.topic()
                + "-"
                + record.partition()
                + " offset "
                + record.offset()
                + ": "
                + rejected.why()
                + " (errors.tolerance is none; mend the table or the setting, then restart the"
                + " connector)";
    }

    private void undo(SinkDatabase open) {
        try {
            open.rollback();
        } catch (SQLException e) {
            LOG.debug("connector {}: rollback failed too: {}", connector, Failures.text(e));
        }
    }

    private static RetriableSinkException translated(String what, SQLException failure) {
        if (Failures.retriable(failure)) {
            return new RetriableSinkException(what + ": " + Failures.text(failure), failure);
        }
        throw new RefusedException(Reason.INVALID_CONFIG, what + ": " + Failures.text(failure));
    }

    @Override
    public void stop() {
        SinkDatabase open = database;
        database = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("connector {}: close failed: {}", connector, Failures.text(e));
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** One call of put: rows of equal shape wait together, the order of records is kept. */
    private final class Batch {
        private final SinkDatabase open;
        private final List<Row> waiting = new ArrayList<>();
        private final Map<SinkPartition, Long> next = new LinkedHashMap<>();
        final List<RejectedRecord> rejected = new ArrayList<>();
        @Nullable RejectedRecord stopped;

        Batch(SinkDatabase open) {
            this.open = open;
        }

        void add(SinkRecord record) throws SQLException {
            RowMapper mapper = mappers.get(record.topic());
            if (mapper == null) {
                throw new IllegalStateException("topic " + record.topic() + " was not started");
            }
            try {
                Row row = mapper.map(record);
                if (!waiting.isEmpty() && !together(waiting.getLast(), row)) {
                    writeOut();
                }
                if (stopped == null) {
                    waiting.add(row);
                }
            } catch (UnfitRecordException e) {
                writeOut();
                reject(new RejectedRecord(record, String.valueOf(e.getMessage())));
            }
        }

        private boolean together(Row last, Row row) {
            return last.source().topic().equals(row.source().topic()) && last.sameShape(row);
        }

        /** Writes what waits; if the database refuses a row, finds it by writing one by one. */
        private void writeOut() throws SQLException {
            if (waiting.isEmpty() || stopped != null) {
                waiting.clear();
                return;
            }
            List<Row> rows = List.copyOf(waiting);
            waiting.clear();
            String table = settings.tableFor(rows.getFirst().source().topic());
            Savepoint before = open.savepoint();
            try {
                open.write(table, rows);
                rows.forEach(row -> passed(row.source()));
            } catch (SQLException e) {
                if (!Failures.rowAtFault(e)) {
                    throw e;
                }
                open.rollback(before);
                oneByOne(table, rows);
            }
        }

        private void oneByOne(String table, List<Row> rows) throws SQLException {
            for (Row row : rows) {
                if (stopped != null) {
                    return;
                }
                Savepoint before = open.savepoint();
                try {
                    open.write(table, List.of(row));
                    passed(row.source());
                } catch (SQLException e) {
                    if (!Failures.rowAtFault(e)) {
                        throw e;
                    }
                    open.rollback(before);
                    reject(new RejectedRecord(row.source(), Failures.text(e)));
                }
            }
        }

        private void reject(RejectedRecord record) {
            if (stopped != null) {
                return;
            }
            if (settings.tolerateBadRecords()) {
                rejected.add(record);
                passed(record.source());
            } else {
                stopped = record;
            }
        }

        private void passed(SinkRecord record) {
            next.put(new SinkPartition(record.topic(), record.partition()), record.offset() + 1);
        }

        void finish() throws SQLException {
            writeOut();
            for (var entry : next.entrySet()) {
                SinkPartition partition = entry.getKey();
                long known = stored.getOrDefault(partition, -1L);
                if (!open.moveOffset(partition, known, entry.getValue())) {
                    open.rollback();
                    throw new RefusedException(
                            Reason.FENCED_EPOCH,
                            "mortise_offsets of connector "
                                    + connector
                                    + " for "
                                    + partition
                                    + " is no longer "
                                    + known
                                    + ": another task has gone on");
                }
            }
            open.commit();
            stored.putAll(next);
        }
    }
}
