// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;

/** Whether a bundle that somebody brought may run, by who signed it. Any thread. */
public final class BundleTrust {
    /** The JDK holds the whole message, three times over. */
    private static final long MAX_BYTES = 64L << 20;

    private final TrustedKeys keys;
    private final boolean required;

    /**
     * @param required whether a bundle without a signature is refused
     */
    public BundleTrust(TrustedKeys keys, boolean required) {
        this.keys = keys;
        this.required = required;
    }

    /**
     * The name of the key that signed the bundle; null if nobody did and nobody need have. One at a
     * time, for the memory it takes.
     *
     * @throws RefusedException the signature fits no trusted key, or one is missing
     */
    synchronized @Nullable String signer(BundleFile file) throws IOException {
        byte[] signature = file.signature();
        if (signature == null) {
            if (required) {
                throw refused(
                        "%s is not signed, and security.requireSignedPlugins is true: get FILE.sig from who built the plugin and put it beside FILE"
                                .formatted(title(file)));
            }
            return null;
        }
        Map<String, PublicKey> trusted = keys.read();
        String signer = signer(trusted, file, signature);
        if (signer == null) {
            throw refused(unknown(file, trusted));
        }
        return signer;
    }

    private static @Nullable String signer(
            Map<String, PublicKey> trusted, BundleFile file, byte[] signature) throws IOException {
        if (trusted.isEmpty()) {
            return null;
        }
        if (file.size() > MAX_BYTES) {
            throw refused(
                    "%s has %d bytes; a signature is checked over at most %d: make the bundle smaller"
                            .formatted(title(file), file.size(), MAX_BYTES));
        }
        byte[] message = file.bytes();
        for (Map.Entry<String, PublicKey> key : trusted.entrySet()) {
            if (fits(key.getValue(), message, signature)) {
                return key.getKey();
            }
        }
        return null;
    }

    private static boolean fits(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifying = Signature.getInstance("Ed25519");
            verifying.initVerify(key);
            verifying.update(message);
            return verifying.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false; // a signature of the wrong length, or a point that is not on the curve
        }
    }

    private String unknown(BundleFile file, Map<String, PublicKey> trusted) {
        return trusted.isEmpty()
                ? "%s is signed, but %s holds no key to check it with: put the public key of who signed it there as NAME.pem"
                        .formatted(title(file), keys.title())
                : "the signature of %s fits none of the keys in %s (%s): the file or its signature was changed since it was signed, or its signer is not trusted here; get both again, or put the signer's public key there as NAME.pem"
                        .formatted(title(file), keys.title(), String.join(", ", trusted.keySet()));
    }

    /** What is being uploaded has no name of its own yet. */
    private static String title(BundleFile file) {
        String name = file.shortName();
        return name.startsWith(BundleStore.UPLOAD) ? "the bundle" : name;
    }

    private static RefusedException refused(String message) {
        return new RefusedException(Reason.NOT_AUTHORIZED, message);
    }
}
