// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.auth.builtin;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.random.RandomGenerator;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as it is stored: PBKDF2 with HMAC-SHA-512 (RFC 8018, section 5.2), written {@code
 * pbkdf2-sha512$ITERATIONS$SALT$HASH} with salt and hash in base64.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by matches() alone, in constant time
record PasswordHash(int iterations, byte[] salt, byte[] hash) {
    private static final String SCHEME = "pbkdf2-sha512";
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 64;

    static PasswordHash of(byte[] password, int iterations, RandomGenerator random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return new PasswordHash(iterations, salt, derive(password, salt, iterations));
    }

    /** Nobody's: costs nothing to make and as much as any other to compare with. */
    static PasswordHash ofNobody(int iterations, RandomGenerator random) {
        byte[] salt = new byte[SALT_BYTES];
        byte[] hash = new byte[HASH_BYTES];
        random.nextBytes(salt);
        random.nextBytes(hash);
        return new PasswordHash(iterations, salt, hash);
    }

    /**
     * @throws IllegalArgumentException if {@code text} is no credential of this plugin
     */
    static PasswordHash parse(String text) {
        String[] parts = text.split("\\$", -1);
        if (parts.length != 4 || !parts[0].equals(SCHEME)) {
            throw new IllegalArgumentException("not a " + SCHEME + " credential");
        }
        Base64.Decoder decoder = Base64.getDecoder();
        return new PasswordHash(
                Integer.parseInt(parts[1]), decoder.decode(parts[2]), decoder.decode(parts[3]));
    }

    /** What {@link #parse} reads. */
    String text() {
        Base64.Encoder encoder = Base64.getEncoder();
        return String.join(
                "$",
                SCHEME,
                Integer.toString(iterations),
                encoder.encodeToString(salt),
                encoder.encodeToString(hash));
    }

    /** Takes as long for a wrong password as for a right one. */
    boolean matches(byte[] password) {
        return MessageDigest.isEqual(hash, derive(password, salt, iterations));
    }

    private static byte[] derive(byte[] password, byte[] salt, int iterations) {
        CharBuffer characters = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(password));
        char[] secret = new char[characters.remaining()];
        characters.get(secret);
        PBEKeySpec key = new PBEKeySpec(secret, salt, iterations, HASH_BYTES * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(key)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA512", e);
        } finally {
            key.clearPassword();
            Arrays.fill(secret, '\0');
        }
    }

    @Override
    public String toString() {
        return "PasswordHash[" + SCHEME + ", " + iterations + "]";
    }
}
