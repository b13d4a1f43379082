// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** The completer of each executor, so that one task of a round tells about all partitions. */
final class Completers {
    private final List<Completer> completers = new ArrayList<>();

    /** Any thread; called when a partition meets an executor that it does not know. */
    synchronized Completer of(Executor executor) {
        completers.removeIf(Completer::forgotten);
        for (Completer completer : completers) {
            if (completer.tellsOn(executor)) {
                return completer;
            }
        }
        var completer = new Completer(executor);
        completers.add(completer);
        return completer;
    }
}
