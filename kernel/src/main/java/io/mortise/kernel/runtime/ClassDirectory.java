// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Class files in a directory of the class path, as a build runs tests. */
public final class ClassDirectory {
    private ClassDirectory() {}

    /** The bytes of every {@code package-info.class} below it. */
    public static List<byte[]> packageInfos(URI directory) throws IOException {
        var infos = new ArrayList<byte[]>();
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            for (Path file : files.filter(path -> path.endsWith("package-info.class")).toList()) {
                infos.add(Files.readAllBytes(file));
            }
        }
        return infos;
    }
}
