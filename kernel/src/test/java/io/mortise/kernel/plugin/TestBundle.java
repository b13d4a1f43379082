// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A plugin's bundle, compiled and packed in memory, so that a test can make a broken one. */
public final class TestBundle {
    private final String id;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private UnaryOperator<String> descriptorChange = UnaryOperator.identity();
    private UnaryOperator<byte[]> classChange = UnaryOperator.identity();
    private String version = "1.0.0";
    private String kind = "protocol";
    private String service = "io.mortise.spi.protocol.ProtocolProvider";
    private String spiPackage = "io.mortise.spi.protocol";
    private String spiRange = "[0.1,0.2)";
    private String provider = "";
    private String config = "{}";
    private String upgrade = "live";
    private boolean exclusive;
    private String imports =
            "io.mortise.spi,io.mortise.spi.protocol,io.mortise.spi.plugin,io.mortise.spi.broker,"
                + "io.mortise.spi.runtime,io.mortise.spi.storage,io.mortise.spi.admin,"
                + "io.netty.buffer;version=\"[4.2,4.3)\",io.netty.channel;version=\"[4.2,4.3)\","
                + "io.netty.util;version=\"[4.2,4.3)\",org.slf4j;version=\"[1.7,3)\"";

    private TestBundle(String id) {
        this.id = id;
        files.put("META-INF/THIRD-PARTY.txt", "The project has no dependencies.\n".getBytes(UTF_8));
    }

    public static TestBundle of(String id) {
        return new TestBundle(id);
    }

    public TestBundle version(String text) {
        version = text;
        return this;
    }

    public TestBundle kind(String text, String serviceName) {
        kind = text;
        service = serviceName;
        spiPackage = serviceName.substring(0, serviceName.lastIndexOf('.'));
        return this;
    }

    public TestBundle spiRange(String range) {
        spiRange = range;
        return this;
    }

    public TestBundle imports(String more) {
        imports += "," + more;
        return this;
    }

    public TestBundle config(String json) {
        config = json;
        return this;
    }

    public TestBundle upgrade(String text) {
        upgrade = text;
        return this;
    }

    public TestBundle exclusive() {
        exclusive = true;
        return this;
    }

    /** The class that META-INF/services names. */
    public TestBundle provider(String className) {
        provider = className;
        return this;
    }

    public TestBundle source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    /** One more file. */
    public TestBundle file(String path, byte[] bytes) {
        files.put(path, bytes);
        return this;
    }

    /** One file less. */
    public TestBundle without(String path) {
        files.remove(path);
        return this;
    }

    /** One more header of the manifest. */
    public TestBundle header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Changes the descriptor's text. */
    public TestBundle descriptor(UnaryOperator<String> change) {
        descriptorChange = change;
        return this;
    }

    /** Changes every class file. */
    public TestBundle classes(UnaryOperator<byte[]> change) {
        classChange = change;
        return this;
    }

    /** The jar's bytes. */
    public byte[] bytes() {
        compile().forEach((path, bytes) -> files.put(path, classChange.apply(bytes)));
        files.put("META-INF/services/" + service, provider.getBytes(UTF_8));
        files.put(PluginDescriptor.PATH, descriptorChange.apply(descriptor()).getBytes(UTF_8));
        var out = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(out, manifest())) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                jar.putNextEntry(new JarEntry(file.getKey()));
                jar.write(file.getValue());
            }
        } catch (IOException inMemory) {
            throw new IllegalStateException(inMemory);
        }
        return out.toByteArray();
    }

    private String descriptor() {
        return """
        {"id": "%s", "kind": "%s", "version": "%s", "spi": {"%s": "%s"}, "provides": ["%s"],
         "config": %s, "licence": "Apache-2.0", "upgrade": "%s", "exclusive": %s}
        """
                .formatted(
                        id,
                        kind,
                        version,
                        spiPackage,
                        spiRange,
                        service,
                        config,
                        upgrade,
                        exclusive);
    }

    private Manifest manifest() {
        var manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "test." + id);
        main.putValue("Bundle-Version", version);
        main.putValue("Import-Package", imports);
        headers.forEach(main::putValue);
        return manifest;
    }

    private Map<String, byte[]> compile() {
        var classes = new LinkedHashMap<String, byte[]>();
        if (sources.isEmpty()) {
            return classes;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Source> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new Source(name, text)));
        var output = new ByteArrayOutputStream();
        try (var manager =
                new InMemory(compiler.getStandardFileManager(null, null, UTF_8), classes)) {
            var writer = new java.io.OutputStreamWriter(output, UTF_8);
            List<String> options = List.of("-proc:none", "--release", "25");
            if (!compiler.getTask(writer, manager, null, options, null, units).call()) {
                throw new IllegalStateException(output.toString(UTF_8));
            }
        } catch (IOException inMemory) {
            throw new IllegalStateException(inMemory);
        }
        return classes;
    }

    /** A source text. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps what the compiler writes. */
    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, byte[]> classes;

        InMemory(JavaFileManager parent, Map<String, byte[]> classes) {
            super(parent);
            this.classes = classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            String path = className.replace('.', '/') + ".class";
            return new SimpleJavaFileObject(URI.create("mem:///" + path), kind) {
                @Override
                public ByteArrayOutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() {
                            classes.put(path, toByteArray());
                        }
                    };
                }
            };
        }
    }
}
