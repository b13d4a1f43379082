// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;

/** Times at which stored sessions want to be looked at. Any thread. */
final class Deadlines {
    private record Deadline(long atMillis, String key) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Deadline> queue =
            new PriorityQueue<>((a, b) -> Long.compare(a.atMillis(), b.atMillis()));

    void add(long atMillis, String key) {
        lock.lock();
        try {
            queue.add(new Deadline(atMillis, key));
        } finally {
            lock.unlock();
        }
    }

    /** Removes and returns the keys whose time has come. */
    List<String> due(long nowMillis) {
        List<String> keys = new ArrayList<>();
        lock.lock();
        try {
            Deadline head = queue.peek();
            while (head != null && head.atMillis() <= nowMillis) {
                keys.add(head.key());
                queue.remove();
                head = queue.peek();
            }
        } finally {
            lock.unlock();
        }
        return keys;
    }
}
