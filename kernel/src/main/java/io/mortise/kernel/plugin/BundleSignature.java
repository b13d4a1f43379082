// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.util.Base64;

/** A detached Ed25519 signature (RFC 8032) over a bundle's file. */
public final class BundleSignature {
    /** Always. */
    public static final int BYTES = 64;

    private BundleSignature() {}

    /**
     * Reads base64, in either alphabet, whitespace left out.
     *
     * @throws RefusedException these are not 64 bytes
     */
    public static byte[] parse(String text) {
        // A query turns '+' into a blank where nobody escaped it.
        String plain = text.strip().replaceAll("[\r\n\t]", "").replace(' ', '+');
        try {
            byte[] bytes = Base64.getDecoder().decode(plain.replace('-', '+').replace('_', '/'));
            if (bytes.length == BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException malformed) {
            // refused below
        }
        throw new RefusedException(
                Reason.INVALID_REQUEST,
                "the signature is not base64 of 64 bytes: make it with openssl pkeyutl -sign"
                        + " -rawin -inkey KEY -in FILE -out FILE.sig");
    }
}
