// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The index against a naive matcher, and the rules of MQTT 5.0, 4.7. */
class SubscriptionIndexTest {
    private int composed;
    private final SubscriptionIndex<String, List<String>> index = index(64);

    private SubscriptionIndex<String, List<String>> index(int cacheEntries) {
        return new SubscriptionIndex<>(
                found -> {
                    composed++;
                    return found.stream().sorted().toList();
                },
                cacheEntries);
    }

    @ParameterizedTest
    @CsvSource({
        "sport/tennis/#, sport/tennis, true",
        "sport/tennis/#, sport/tennis/p/ranking, true",
        "sport/#, sport, true",
        "#, a/b, true",
        "#, /, true",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "#, $SYS/x, false",
        "+/x, $SYS/x, false",
        "$SYS/#, $SYS/x, true",
        "$SYS/+, $SYS/x, true",
        "a/+/c, a/$b/c, true",
        "a//c, a//c, true",
        "a/+/c, a//c, true",
        "a, a/, false",
        "a/, a, false",
    })
    void followsTheRulesOfTheSpecification(String filter, String address, boolean matches) {
        index.add(filter.getBytes(UTF_8), filter);
        assertThat(match(address)).isEqualTo(matches ? List.of(filter) : List.of());
        assertThat(naive(filter, address)).isEqualTo(matches);
    }

    @Test
    void agreesWithTheNaiveMatcher() {
        for (long seed = 0; seed < 200; seed++) {
            agreesWithTheNaiveMatcher(seed);
        }
    }

    private void agreesWithTheNaiveMatcher(long seed) {
        Random random = new Random(seed);
        SubscriptionIndex<String, List<String>> tested = index(1 << random.nextInt(8));
        List<String> model = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            String filter = randomFilter(random);
            switch (random.nextInt(4)) {
                case 0 -> {
                    tested.add(filter.getBytes(UTF_8), filter);
                    model.add(filter);
                }
                case 1 ->
                        assertThat(tested.remove(filter.getBytes(UTF_8), filter))
                                .as("seed %d", seed)
                                .isEqualTo(model.remove(filter));
                default -> {
                    String address = randomAddress(random);
                    byte[] bytes = address.getBytes(UTF_8);
                    assertThat(tested.match(bytes, bytes.length))
                            .as("seed %d step %d address %s", seed, step, address)
                            .isEqualTo(
                                    model.stream()
                                            .filter(f -> naive(f, address))
                                            .sorted()
                                            .toList());
                }
            }
            assertThat(tested.size()).isEqualTo(model.size());
        }
    }

    @Test
    void cachedMatchSurvivesChangesElsewhere() {
        index.add("a/b".getBytes(UTF_8), "one");
        match("a/b");
        match("a/b");
        int before = composed;
        index.add("x/y/z".getBytes(UTF_8), "two");
        index.add("a/c".getBytes(UTF_8), "three");
        index.remove("x/y/z".getBytes(UTF_8), "two");
        assertThat(match("a/b")).containsExactly("one");
        assertThat(composed).isEqualTo(before);
        index.add("a/+".getBytes(UTF_8), "four");
        assertThat(match("a/b")).containsExactly("four", "one");
    }

    @Test
    void uniqueAddressesPassTheCacheBy() {
        index.add("a/#".getBytes(UTF_8), "one");
        match("a/hot");
        match("a/hot");
        for (int i = 0; i < 10_000; i++) {
            match("a/unique" + i);
        }
        int before = composed;
        match("a/hot");
        assertThat(composed).isEqualTo(before);
    }

    private List<String> match(String address) {
        byte[] bytes = address.getBytes(UTF_8);
        return index.match(bytes, bytes.length);
    }

    private static boolean naive(String filter, String address) {
        String[] filters = filter.split("/", -1);
        String[] levels = address.split("/", -1);
        if (address.startsWith("$") && (filters[0].equals("+") || filters[0].equals("#"))) {
            return false;
        }
        for (int i = 0; i < filters.length; i++) {
            if (filters[i].equals("#")) {
                return true;
            }
            boolean fits =
                    i < levels.length && (filters[i].equals("+") || filters[i].equals(levels[i]));
            if (!fits) {
                return false;
            }
        }
        return filters.length == levels.length;
    }

    private static String randomFilter(Random random) {
        List<String> levels = new ArrayList<>();
        int depth = 1 + random.nextInt(4);
        for (int i = 0; i < depth; i++) {
            int kind = random.nextInt(6);
            if (kind == 0 && i == depth - 1) {
                levels.add("#");
            } else {
                levels.add(kind == 1 ? "+" : level(random, i));
            }
        }
        return String.join("/", levels);
    }

    private static String randomAddress(Random random) {
        List<String> levels = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            levels.add(level(random, i));
        }
        return String.join("/", levels);
    }

    private static String level(Random random, int depth) {
        int kind = random.nextInt(12);
        return kind == 0 ? "" : kind == 1 && depth == 0 ? "$S" : "l" + random.nextInt(4);
    }
}
