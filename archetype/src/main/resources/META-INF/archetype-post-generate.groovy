// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
//
// The archetype lays out one folder per kind below kinds/: the chosen one becomes the project.
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths

Path project = Paths.get(request.outputDirectory, request.artifactId)
Path kinds = project.resolve("kinds")
Path chosen = kinds.resolve(request.properties["kind"])

Files.walk(chosen).sorted().forEach { Path from ->
    Path to = project.resolve(chosen.relativize(from).toString())
    if (Files.isDirectory(from)) {
        Files.createDirectories(to)
    } else {
        Files.move(from, to)
    }
}
kinds.toFile().deleteDir()
