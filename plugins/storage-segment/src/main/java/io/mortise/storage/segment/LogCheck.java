// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.StorageProblem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads logs from end to end and says what fails, whether or not it passed before. */
final class LogCheck {
    /** Of a log that cannot be recovered. */
    static final String REMEDY =
            "the other logs are served; restore this one from a backup or another copy, or delete"
                    + " it, and check the disk";

    private static final int STEP = 1 << 20;

    private final LogReader reader;
    private final List<StorageProblem> problems = new ArrayList<>();

    LogCheck(LogReader reader) {
        this.reader = reader;
    }

    List<StorageProblem> problems() {
        return problems;
    }

    void check(SegmentLog log) throws IOException {
        IOException broken = log.broken;
        if (broken != null) {
            String file = broken instanceof CorruptLogException corrupt ? corrupt.file() : "";
            String problem = "log " + log.name() + " cannot be opened: " + broken.getMessage();
            problems.add(new StorageProblem(log.id, file, -1, -1, problem, REMEDY));
            return;
        }
        log.forgetVerified();
        long next = log.startOffset();
        long end = log.endOffset();
        while (next < end) {
            try (LogSlice slice = reader.readRaw(log, next, end, STEP)) {
                next = slice.nextOffset() > next ? slice.nextOffset() : end;
            } catch (DamagedBytes damaged) {
                problems.add(damaged.problem(log.id));
                next = damaged.nextOffset() > next ? damaged.nextOffset() : end;
            } catch (IllegalStateException refused) {
                if (!log.deleted()) {
                    throw refused;
                }
                return; // meanwhile
            }
        }
    }
}
