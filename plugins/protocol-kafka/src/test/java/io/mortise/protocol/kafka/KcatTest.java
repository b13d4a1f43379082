// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.kafka.testing.FakeBroker;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** librdkafka, by way of kcat. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KcatTest {
    private FakeBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker();
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private String kcat(String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrap()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofVirtual().start(() -> endAfterPatience(process));
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static void endAfterPatience(Process process) {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4"})
    void producesAndConsumes(String codec) throws Exception {
        kcat("a:1\nb:2\n:3\n", "-P", "-t", "t", "-p", "0", "-K:", "-z", codec);
        assertThat(kcat("", "-C", "-t", "t", "-o", "beginning", "-e", "-q", "-f", "%k=%s,"))
                .isEqualTo("a=1,b=2,=3,");
    }

    @Test
    void listsTopicsAndQueriesOffsets() throws Exception {
        kcat("x\n", "-P", "-t", "t", "-p", "1", "-X", "enable.idempotence=true");
        assertThat(kcat("", "-L"))
                .contains("topic \"t\" with 2 partitions", "broker 7 at 127.0.0.1");
        assertThat(kcat("", "-Q", "-t", "t:1:-1")).contains("t [1] offset 1");
    }

    @Test
    void consumesInAGroup() throws Exception {
        kcat("x\ny\n", "-P", "-t", "t");
        String output =
                kcat("", "-G", "g", "-X", "auto.offset.reset=earliest", "-c", "2", "-q", "t");
        assertThat(output.lines().sorted().toList()).containsExactly("x", "y");
    }

    @Test
    void authenticatesByPlain() throws Exception {
        broker.security().addUser("ada", "secret");
        String[] sasl = {
            "-L",
            "-X",
            "security.protocol=sasl_plaintext",
            "-X",
            "sasl.mechanism=PLAIN",
            "-X",
            "sasl.username=ada",
            "-X",
            "sasl.password=secret"
        };
        assertThat(kcat("", sasl)).contains("broker 7");
        sasl[sasl.length - 1] = "sasl.password=wrong";
        assertThat(kcat("", sasl)).contains("not a known user");
    }
}
