// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whose plugins the operator trusts: Ed25519 public keys (X.509 SubjectPublicKeyInfo in PEM), one
 * file {@code NAME.pem} each. They are read at each use, so that a key counts as soon as it is
 * there and no longer than that.
 *
 * @param files in which the directory is; it may be absent
 * @param title of the directory, for messages
 */
public record TrustedKeys(FileLayer files, String directory, String title) {
    private static final Logger LOG = LoggerFactory.getLogger(TrustedKeys.class);
    private static final String SUFFIX = ".pem";
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int MAX_BYTES = 4_096;

    /** By name. A file that is no such key is named in the log and left out. */
    Map<String, PublicKey> read() {
        var keys = new TreeMap<String, PublicKey>();
        for (String name : names()) {
            if (name.endsWith(SUFFIX)) {
                try {
                    String id = name.substring(0, name.length() - SUFFIX.length());
                    keys.put(id, key(text(directory + "/" + name)));
                } catch (IOException | GeneralSecurityException | IllegalArgumentException wrong) {
                    LOG.warn(
                            "{}/{} is no Ed25519 public key in PEM and does not count: {}; make one"
                                    + " with openssl pkey -in KEY -pubout",
                            title,
                            name,
                            wrong.toString());
                }
            }
        }
        return keys;
    }

    private List<String> names() {
        try {
            return files.list(directory);
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be read, no key in it counts: {}", title, unreadable.toString());
            return List.of();
        }
    }

    private static PublicKey key(String pem) throws GeneralSecurityException {
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("it lacks " + BEGIN);
        }
        String body = pem.substring(begin + BEGIN.length(), end);
        byte[] der = Base64.getMimeDecoder().decode(body);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    private String text(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MAX_BYTES, file.size()));
            file.read(bytes, 0);
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
        }
    }
}
