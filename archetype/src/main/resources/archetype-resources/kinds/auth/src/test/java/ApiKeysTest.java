package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.RefusedException;
import io.mortise.spi.security.Authenticator.Verdict;
import io.mortise.spi.security.Credentials;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

class ApiKeysTest {
    private static final String KEY = "c29tZSByYW5kb20ga2V5IG9mIHN1ZmZpY2llbnQgbGVuZ3Ro";

    @Test
    void theRightKeyIsTheUser() {
        Verdict verdict = judge("meter", KEY);
        assertThat(verdict.principal()).isNotNull();
        assertThat(verdict.principal().name()).isEqualTo("meter");
    }

    @Test
    void aWrongKeyIsDeniedAndAStrangerLeftToOthers() {
        assertThat(judge("meter", "guess").refusal()).isNotNull();
        assertThat(judge("meter", null).refusal()).isNotNull();
        assertThat(judge("somebody", KEY)).isEqualTo(Verdict.ABSTAIN);
        assertThat(judge(null, KEY)).isEqualTo(Verdict.ABSTAIN);
    }

    @Test
    void anEntryThatIsNoHashIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> ApiKeys.parse("keys", "meter:secret"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("plugins.keys.keys")
                .hasMessageNotContaining("secret");
    }

    private static Verdict judge(@Nullable String name, @Nullable String key) {
        byte[] hash = ApiKeyAuthenticator.sha256(KEY.getBytes(StandardCharsets.UTF_8));
        String keys = "meter:" + HexFormat.of().formatHex(hash);
        byte[] password = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        var remote = new InetSocketAddress("127.0.0.1", 5000);
        try (var authenticator = new ApiKeyAuthenticator(ApiKeys.parse("keys", keys))) {
            return authenticator.authenticate(
                    new Credentials(name, password, "", "mqtt", remote));
        }
    }
}
