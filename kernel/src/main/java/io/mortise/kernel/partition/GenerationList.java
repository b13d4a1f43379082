// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The logs that a partition consists of.
 *
 * @param live oldest first, never empty; the last is appended to
 * @param doomed to be deleted: retention is past them
 * @param reserved offsets below may have been given to records that a restart forgets; -1 where the
 *     engine keeps what it has
 */
record GenerationList(List<Generation> live, List<Generation> doomed, long reserved) {
    GenerationList {
        live = List.copyOf(live);
        doomed = List.copyOf(doomed);
    }

    static GenerationList of(Generation only) {
        return new GenerationList(List.of(only), List.of(), -1);
    }

    Generation active() {
        return live.getLast();
    }

    /** Whether any of them is that engine's. */
    boolean uses(String engine) {
        return all().stream().anyMatch(it -> it.engine().equals(engine));
    }

    List<Generation> all() {
        List<Generation> all = new ArrayList<>(live);
        all.addAll(doomed);
        return all;
    }

    /** Appends go to {@code next} from now on. */
    GenerationList with(Generation next) {
        List<Generation> longer = new ArrayList<>(live);
        longer.add(next);
        List<Generation> left = new ArrayList<>(doomed);
        left.removeIf(it -> it.number() == next.number());
        return new GenerationList(longer, left, -1);
    }

    /** The active one starts at {@code offset}, since nothing is left of it. */
    GenerationList restartedAt(long offset) {
        List<Generation> changed = new ArrayList<>(live);
        Generation last = changed.removeLast();
        changed.add(new Generation(last.number(), last.engine(), offset));
        return new GenerationList(changed, doomed, reserved);
    }

    GenerationList withReserved(long offset) {
        return new GenerationList(live, doomed, offset);
    }

    /** {@code gone} are to be deleted. */
    GenerationList without(List<Generation> gone) {
        List<Generation> left = new ArrayList<>(live);
        left.removeAll(gone);
        List<Generation> more = new ArrayList<>(doomed);
        more.addAll(gone);
        return new GenerationList(left, more, reserved);
    }

    GenerationList withDoomed(List<Generation> left) {
        return new GenerationList(live, left, reserved);
    }

    byte[] encode() {
        var target = ByteBuffer.allocate(16 + size(live) + size(doomed));
        target.putLong(reserved);
        put(target, live);
        put(target, doomed);
        return target.array();
    }

    private static int size(List<Generation> generations) {
        int size = 0;
        for (Generation one : generations) {
            size += 14 + one.engine().getBytes(UTF_8).length;
        }
        return size;
    }

    private static void put(ByteBuffer target, List<Generation> generations) {
        target.putInt(generations.size());
        for (Generation one : generations) {
            byte[] engine = one.engine().getBytes(UTF_8);
            target.putInt(one.number()).putLong(one.startOffset());
            target.putShort((short) engine.length).put(engine);
        }
    }

    static GenerationList decode(ByteBuffer source) {
        long reserved = source.getLong();
        List<Generation> live = generations(source);
        return new GenerationList(live, generations(source), reserved);
    }

    private static List<Generation> generations(ByteBuffer source) {
        List<Generation> found = new ArrayList<>();
        for (int left = source.getInt(); left > 0; left--) {
            int number = source.getInt();
            long start = source.getLong();
            byte[] engine = new byte[source.getShort()];
            source.get(engine);
            found.add(new Generation(number, new String(engine, UTF_8), start));
        }
        return found;
    }
}
