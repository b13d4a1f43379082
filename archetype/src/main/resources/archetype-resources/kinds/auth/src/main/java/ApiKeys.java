package ${package};

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.AuthenticatorContext;
import io.mortise.spi.security.AuthenticatorProvider;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Entry of the plugin: reads the keys from its section of mortise.yaml. */
public final class ApiKeys implements AuthenticatorProvider {
    private static final int SHA_256_BYTES = 32;

    @Override
    public Authenticator open(AuthenticatorContext context) {
        return new ApiKeyAuthenticator(parse(context.pluginId(), context.config().text("keys")));
    }

    static Map<String, byte[]> parse(String pluginId, String keys) {
        var hashes = new HashMap<String, byte[]>();
        for (String entry : keys.isBlank() ? new String[0] : keys.split(",", -1)) {
            int colon = entry.indexOf(':');
            String name = entry.substring(0, Math.max(colon, 0)).strip();
            byte[] hash = hash(entry.substring(colon + 1).strip());
            if (name.isEmpty() || hash.length != SHA_256_BYTES) {
                throw new RefusedException(
                        Reason.INVALID_CONFIG,
                        "plugins."
                                + pluginId
                                + ".keys has an entry that is not name:hash with "
                                + 2 * SHA_256_BYTES
                                + " hexadecimal digits: number "
                                + (hashes.size() + 1));
            }
            hashes.put(name, hash);
        }
        return hashes;
    }

    private static byte[] hash(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException notHexadecimal) {
            return new byte[0];
        }
    }
}
