package ${package};

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Principal;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * The user name is the key's name, the password the key. A key is random and long, so that one
 * quick hash of it is enough; passwords that people choose want a slow one.
 */
final class ApiKeyAuthenticator implements Authenticator {
    private final Map<String, byte[]> hashes;

    ApiKeyAuthenticator(Map<String, byte[]> hashes) {
        this.hashes = Map.copyOf(hashes);
    }

    /** Names that are not ours are left to the next authenticator of the chain. */
    @Override
    public Verdict authenticate(Credentials credentials) {
        String name = credentials.username();
        byte[] expected = name == null ? null : hashes.get(name);
        if (name == null || expected == null) {
            return Verdict.ABSTAIN;
        }
        byte[] key = credentials.password();
        if (key == null || !MessageDigest.isEqual(expected, sha256(key))) {
            return Verdict.deny(
                    new Refusal(Reason.BAD_CREDENTIALS, "wrong API key for '" + name + "'"));
        }
        return Verdict.accept(new Principal(TenantId.DEFAULT, name, false));
    }

    @Override
    public void close() {}

    static byte[] sha256(byte[] key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
