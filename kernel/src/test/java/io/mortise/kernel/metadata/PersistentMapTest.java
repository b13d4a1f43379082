// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

final class PersistentMapTest {
    /** Few hashes, so that collisions and deep branches are met. */
    private record Key(int id) {
        @Override
        public int hashCode() {
            return id % 97;
        }
    }

    @Test
    void behavesAsAHashMap() {
        Random random = new Random(7);
        Map<Key, Integer> model = new HashMap<>();
        PersistentMap<Key, Integer> map = PersistentMap.empty();
        for (int step = 0; step < 20_000; step++) {
            Key key = new Key(random.nextInt(500));
            if (random.nextInt(3) == 0) {
                model.remove(key);
                map = map.without(key);
            } else {
                model.put(key, step);
                map = map.with(key, step);
            }
            assertThat(map.find(key)).isEqualTo(model.get(key));
            assertThat(map.size()).isEqualTo(model.size());
        }
        Map<Key, Integer> seen = new HashMap<>();
        map.forEach(seen::put);
        assertThat(seen).isEqualTo(model);
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(model.values());
    }

    @Test
    void anOldMapStaysAsItWas() {
        PersistentMap<String, Integer> before = PersistentMap.<String, Integer>empty().with("a", 1);
        PersistentMap<String, Integer> after = before.with("a", 2).with("b", 3).without("a");
        assertThat(before.find("a")).isEqualTo(1);
        assertThat(before.find("b")).isNull();
        assertThat(after.find("a")).isNull();
        assertThat(after.size()).isEqualTo(1);
    }
}
