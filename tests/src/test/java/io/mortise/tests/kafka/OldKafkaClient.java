// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Kafka's Java client 3.9, in a class loader of its own, by reflection. */
final class OldKafkaClient implements AutoCloseable {
    private static final String SERIALIZER =
            "org.apache.kafka.common.serialization.StringSerializer";
    private static final String DESERIALIZER =
            "org.apache.kafka.common.serialization.StringDeserializer";

    private final String bootstrap;
    private final URLClassLoader loader;

    OldKafkaClient(String bootstrap) throws IOException {
        this.bootstrap = bootstrap;
        this.loader = new Isolated(jar());
    }

    /** Takes Kafka from the old jar and everything else (codecs, logging) from the class path. */
    private static final class Isolated extends URLClassLoader {
        Isolated(URL jar) {
            super(new URL[] {jar}, OldKafkaClient.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.apache.kafka.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }

    private static URL jar() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target", "kafka-clients-3"), "*.jar")) {
            return jars.iterator().next().toUri().toURL();
        }
    }

    /** Sends records {@code k<i>} = {@code value <i>} and waits for their acknowledgement. */
    void produce(String topic, String codec, int count) throws Exception {
        Map<String, Object> config = config();
        config.put("key.serializer", SERIALIZER);
        config.put("value.serializer", SERIALIZER);
        config.put("compression.type", codec);
        config.put("linger.ms", 10);
        withLoader(
                () -> {
                    Object producer =
                            make("org.apache.kafka.clients.producer.KafkaProducer", config);
                    for (int i = 0; i < count; i++) {
                        Object record =
                                type("org.apache.kafka.clients.producer.ProducerRecord")
                                        .getConstructor(String.class, Object.class, Object.class)
                                        .newInstance(topic, "k" + i, "value " + i);
                        method(producer, "send", record.getClass()).invoke(producer, record);
                    }
                    method(producer, "flush").invoke(producer);
                    method(producer, "close").invoke(producer);
                    return null;
                });
    }

    /** Reads values in a group from the beginning, commits, leaves. */
    List<String> consume(String topic, String group, int count) throws Exception {
        Map<String, Object> config = config();
        config.put("key.deserializer", DESERIALIZER);
        config.put("value.deserializer", DESERIALIZER);
        config.put("auto.offset.reset", "earliest");
        config.put("group.id", group);
        List<String> values = new ArrayList<>();
        withLoader(
                () -> {
                    Object consumer =
                            make("org.apache.kafka.clients.consumer.KafkaConsumer", config);
                    method(consumer, "subscribe", java.util.Collection.class)
                            .invoke(consumer, List.of(topic));
                    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                    while (values.size() < count && System.nanoTime() < deadline) {
                        Iterable<?> records =
                                (Iterable<?>)
                                        method(consumer, "poll", Duration.class)
                                                .invoke(consumer, Duration.ofMillis(200));
                        for (Object record : records) {
                            values.add((String) method(record, "value").invoke(record));
                        }
                    }
                    method(consumer, "commitSync").invoke(consumer);
                    method(consumer, "close").invoke(consumer);
                    return null;
                });
        return values;
    }

    private Map<String, Object> config() {
        return new HashMap<>(Map.of("bootstrap.servers", bootstrap));
    }

    private Class<?> type(String name) throws ClassNotFoundException {
        return loader.loadClass(name);
    }

    private Object make(String name, Map<String, Object> config) throws Exception {
        return type(name).getConstructor(Map.class).newInstance(config);
    }

    private static Method method(Object on, String name, Class<?>... parameters)
            throws NoSuchMethodException {
        return on.getClass().getMethod(name, parameters);
    }

    private interface Work {
        Object run() throws Exception;
    }

    private void withLoader(Work work) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            work.run();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the old client failed", e.getCause());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
