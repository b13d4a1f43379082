// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.plugin.PluginDescriptor.Setting;
import io.mortise.kernel.plugin.PluginDescriptor.Upgrade;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class DescriptorParserTest {
    private static final String GOOD =
            """
            {"id": "echo", "kind": "protocol", "version": "1.2.3",
             "spi": {"io.mortise.spi.protocol": "[0.1,0.2)"},
             "provides": ["io.mortise.spi.protocol.ProtocolProvider"],
             "config": {"size": {"type": "integer", "default": 5, "doc": "How big."},
                        "key": {"type": "string", "doc": "A secret.", "secret": true}},
             "licence": "Apache-2.0", "upgrade": "restart"}
            """;

    @Test
    void readsEveryField() {
        PluginDescriptor descriptor = parse(GOOD);
        assertThat(descriptor)
                .isEqualTo(
                        new PluginDescriptor(
                                "echo",
                                PluginKind.PROTOCOL,
                                "1.2.3",
                                Map.of("io.mortise.spi.protocol", "[0.1,0.2)"),
                                List.of("io.mortise.spi.protocol.ProtocolProvider"),
                                Map.of(
                                        "size", new Setting("integer", "5", "How big.", false),
                                        "key", new Setting("string", null, "A secret.", true)),
                                "Apache-2.0",
                                Upgrade.RESTART,
                                false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"echo\"|\"Echo!\"|has the id 'Echo!'",
                "\"protocol\"|\"proto\"|has 'kind': 'proto'; it is one of [storage, auth,",
                "[0.1,0.2)|[0.1|gives spi.io.mortise.spi.protocol the range '[0.1', which is none",
                "\"provides\"|\"provide\"|has the unknown field 'provide'",
                "\"integer\"|\"int\"|gives the setting 'size' the type 'int'",
                "\"licence\": \"Apache-2.0\",|''|lacks the field 'licence'",
                "{\"id\"|[\"id\"|is not a JSON object",
                "1.2.3|1.2 3|has the version '1.2 3'; a version is 1 to 64 of",
                "\"default\": 5|\"default\": \"5 MB\"|gives the setting 'size' the default '5 MB',"
                        + " which is no integer",
                "\"secret\": true|\"secret\": \"yes\"|says of the setting 'key' neither true nor"
                        + " false for 'secret'",
                "\"doc\": \"How big.\"|\"docs\": \"How big.\"|gives the setting 'size' the unknown"
                        + " field 'docs'",
                "\"upgrade\": \"restart\"|\"exclusive\": \"no\"|has 'exclusive': 'no'; it is true"
                        + " or false",
                "spi.protocol\": \"[|spi.broker\": \"[|provides"
                        + " io.mortise.spi.protocol.ProtocolProvider, but gives no range for"
                        + " spi.io.mortise.spi.protocol",
                "\"io.mortise.spi.protocol.ProtocolProvider\"]|\"io.mortise.spi.protocol.A\","
                        + " \"io.mortise.spi.protocol.A\"]|names an interface twice in 'provides'",
            })
    void namesFileAndFieldOfWhatIsWrong(String before, String after, String message) {
        assertThatThrownBy(() -> parse(GOOD.replace(before, after == null ? "" : after)))
                .hasMessageContaining("x.jar: META-INF/mortise/plugin.json")
                .hasMessageContaining(message);
    }

    @Test
    void namesAllThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse("{\"id\": \"Echo\", \"kind\": \"x\", \"version\": \"1\"}"))
                .hasMessageContaining("has the id 'Echo'")
                .hasMessageContaining("; has 'kind': 'x'")
                .hasMessageContaining("; lacks the object 'spi'; lacks the list 'provides'")
                .hasMessageEndingWith("; lacks the field 'licence'");
    }

    private static PluginDescriptor parse(String json) {
        return DescriptorParser.parse("x.jar", json.getBytes(StandardCharsets.UTF_8));
    }
}
