// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.control;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The head of an HTTP/1.1 request (RFC 9112): what a command line and curl send, and no more.
 *
 * @param contentLength 0 if there is no body
 */
record HttpHead(
        String method,
        String path,
        Map<String, String> query,
        @Nullable String contentType,
        long contentLength) {
    private static final int MAX_BYTES = 16 << 10;

    /**
     * Reads up to the empty line.
     *
     * @return null if the peer closed without a word
     * @throws IOException this is no request that is understood here
     */
    static @Nullable HttpHead read(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new IOException("no HTTP/1.1 request line");
        }
        Map<String, String> fields = fields(in);
        if (fields.containsKey("transfer-encoding")) {
            throw new IOException("send a Content-Length; chunked bodies are not understood here");
        }
        int mark = parts[1].indexOf('?');
        return new HttpHead(
                parts[0],
                mark < 0 ? parts[1] : parts[1].substring(0, mark),
                mark < 0 ? Map.of() : query(parts[1].substring(mark + 1)),
                fields.get("content-type"),
                length(fields.getOrDefault("content-length", "0")));
    }

    private static Map<String, String> fields(InputStream in) throws IOException {
        var fields = new LinkedHashMap<String, String>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1 || fields.size() == 100) {
                throw new IOException("malformed header field, or more than 100");
            }
            String name = line.substring(0, colon).trim().toLowerCase(Locale.ROOT);
            fields.put(name, line.substring(colon + 1).trim());
        }
        return fields;
    }

    private static long length(String text) throws IOException {
        if (!text.matches("[0-9]{1,12}")) {
            throw new IOException("Content-Length is '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private static Map<String, String> query(String text) throws IOException {
        var query = new LinkedHashMap<String, String>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            try {
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                query.put(decoded(name), decoded(value));
            } catch (IllegalArgumentException malformed) {
                throw new IOException("malformed query", malformed);
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream(80);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
            }
            if (line.size() == MAX_BYTES) {
                throw new IOException("a line is longer than " + MAX_BYTES + " bytes");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
