// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Manifest;

/**
 * What the system bundle offers to plugins: the SPI, slf4j and Netty from the kernel's own class
 * path, each package under the version that its jar's manifest gives it, and the packages of the
 * JDK. Generated at start: a version written by hand would one day be wrong, and then nothing
 * resolves.
 */
public final class SystemExports {
    /** A class of every jar that is offered; a jar that is absent offers nothing. */
    private static final List<String> ANCHORS =
            List.of(
                    "io/mortise/spi/Refusal",
                    "org/slf4j/Logger",
                    "io/netty/util/ReferenceCounted",
                    "io/netty/buffer/ByteBuf",
                    "io/netty/channel/Channel",
                    "io/netty/resolver/AddressResolver",
                    "io/netty/handler/ssl/SslHandler",
                    "io/netty/handler/codec/ByteToMessageDecoder",
                    "io/netty/handler/codec/compression/JdkZlibEncoder",
                    "io/netty/handler/codec/http/HttpRequest",
                    "io/netty/handler/codec/http2/Http2Connection",
                    "io/netty/channel/unix/Socket",
                    "io/netty/channel/epoll/Epoll");

    private final Map<String, Set<Version>> offered;
    private final Set<String> platform;

    private SystemExports(Map<String, Set<Version>> offered, Set<String> platform) {
        this.offered = offered;
        this.platform = platform;
    }

    /** Reads the manifests of the jars that {@code loader} finds the anchors in. */
    public static SystemExports of(ClassLoader loader) {
        var offered = new TreeMap<String, Set<Version>>();
        var seen = new HashSet<String>();
        for (String anchor : ANCHORS) {
            String file = anchor + ".class";
            URL url = loader.getResource(file);
            if (url != null) {
                String text = url.toString();
                String root = text.substring(0, text.length() - file.length());
                if (seen.add(root)) {
                    addExports(root, offered);
                }
            }
        }
        return new SystemExports(offered, platformPackages());
    }

    /** For the framework property {@code org.osgi.framework.system.packages.extra}. */
    public String header() {
        var header = new StringBuilder();
        offered.forEach(
                (name, versions) -> {
                    for (Version version : versions) {
                        header.append(header.isEmpty() ? "" : ",").append(name);
                        header.append(";version=\"").append(version).append('"');
                    }
                });
        return header.toString();
    }

    /** The highest version offered of a package, or null. */
    @Nullable Version version(String name) {
        Set<Version> versions = offered.get(name);
        return versions == null ? null : versions.stream().max(Version::compareTo).orElseThrow();
    }

    /** Whether an import of that package and range is met. */
    boolean offers(String name, VersionRange range) {
        Set<Version> versions = offered.get(name);
        if (versions == null) {
            return platform.contains(name) && range.includes(Version.emptyVersion);
        }
        return versions.stream().anyMatch(range::includes);
    }

    /** Whether the package is offered, in whichever version. */
    boolean names(String name) {
        return name.startsWith("java.") || offered.containsKey(name) || platform.contains(name);
    }

    private static void addExports(String root, Map<String, Set<Version>> offered) {
        Map<String, Version> exports = manifestExports(root);
        if (exports.isEmpty() && root.startsWith("file:")) {
            exports = AnnotatedPackages.below(URI.create(root));
        }
        exports.forEach(
                (name, version) ->
                        offered.computeIfAbsent(name, absent -> new LinkedHashSet<>())
                                .add(version));
    }

    private static Map<String, Version> manifestExports(String root) {
        var exports = new LinkedHashMap<String, Version>();
        try (InputStream in = URI.create(root + "META-INF/MANIFEST.MF").toURL().openStream()) {
            String header = new Manifest(in).getMainAttributes().getValue("Export-Package");
            for (ManifestHeader.Clause clause :
                    ManifestHeader.parse(header == null ? "" : header)) {
                var version =
                        Version.parseVersion(clause.parameters().getOrDefault("version", "0"));
                clause.paths().forEach(name -> exports.merge(name, version, SystemExports::later));
            }
        } catch (IOException noManifest) {
            return exports;
        }
        return exports;
    }

    private static Version later(Version one, Version other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Set<String> platformPackages() {
        var packages = new HashSet<String>();
        for (Module module : ModuleLayer.boot().modules()) {
            if (module.getDescriptor() != null) {
                module.getDescriptor().exports().stream()
                        .filter(export -> !export.isQualified())
                        .forEach(export -> packages.add(export.source()));
            }
        }
        return packages;
    }
}
