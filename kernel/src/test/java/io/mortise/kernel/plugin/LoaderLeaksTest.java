// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.plugin.LoaderLeaks.Suspect;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who holds a loader, told from the heap. */
class LoaderLeaksTest {
    /** Stands for a static field of a shared library. */
    private static final List<Object> REGISTRY = new ArrayList<>();

    @TempDir Path directory;
    private LoaderLeaks leaks;

    @BeforeEach
    void clear() {
        REGISTRY.clear();
        leaks = new LoaderLeaks(directory.resolve("heap.hprof"));
    }

    @Test
    void namesThePathOfStrongReferences() throws Exception {
        assertThat(leaks.check(loaded("plugin 'a' 1", Hold.STRONGLY)))
                .isEqualTo(
                        "classes of plugin 'a' 1 did not go at once; mortise plugin doctor looks"
                                + " for what holds them");
        assertThat(leaks.remaining())
                .singleElement()
                .asString()
                .startsWith("classes of plugin 'a' 1 are still in memory; held by ")
                .contains("class " + LoaderLeaksTest.class.getName() + " (static REGISTRY)")
                .contains(Point.class.getName());
        assertThat(directory).isEmptyDirectory();

        REGISTRY.clear();
        RecordCaches.forget();
        assertThat(leaks.remaining()).isEmpty();
    }

    @Test
    void whatCachesHoldSoftlyIsNoLeak() throws Exception {
        assertThat(leaks.check(loaded("plugin 'a' 1", Hold.SOFTLY))).contains("did not go at once");
        assertThat(leaks.check(loaded("plugin 'b' 2", Hold.STRONGLY))).isNotNull();
        assertThat(leaks.remaining())
                .hasSize(2)
                .anyMatch(it -> it.contains("'b' 2 are still in memory; held by"))
                .anyMatch(
                        it ->
                                it.startsWith(
                                        "classes of plugin 'a' 1 are held softly, by caches only:"
                                            + " they go when memory is short, there is nothing to"
                                            + " do"));
    }

    @Test
    void theJdksCacheOfTheLastRecordIsEmptied() throws Exception {
        Suspect suspect = loaded("plugin 'a' 1", Hold.NOT);
        String note = leaks.check(suspect);
        assertThat(note).as("%s", leaks.remaining()).isNull();
        assertThat(leaks.remaining()).isEmpty();
    }

    private enum Hold {
        NOT,
        SOFTLY,
        STRONGLY
    }

    /** The class of a record that has been compared, hashed and shown, by a loader of its own. */
    private static Suspect loaded(String title, Hold hold) throws Exception {
        ClassLoader loader = new OwnLoader();
        Class<?> type = loader.loadClass(Point.class.getName());
        var maker = type.getDeclaredConstructor(type);
        maker.setAccessible(true);
        Object inner = maker.newInstance(new Object[] {null});
        Object outer = maker.newInstance(inner);
        assertThat(outer.equals(maker.newInstance(inner))).isTrue();
        assertThat(outer.hashCode()).isEqualTo(maker.newInstance(inner).hashCode());
        assertThat(outer.toString()).contains("inner");
        switch (hold) {
            case NOT -> {}
            case SOFTLY -> REGISTRY.add(new SoftReference<>(outer));
            case STRONGLY -> REGISTRY.add(outer);
        }
        return new Suspect(title, loader);
    }

    /** A record with a component of a type of its own loader. */
    record Point(@Nullable Point inner) {}

    /** Defines the record and what it is nested in; asks its parent for everything else. */
    private static final class OwnLoader extends ClassLoader {
        OwnLoader() {
            super(LoaderLeaksTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(LoaderLeaksTest.class.getName())) {
                return super.loadClass(name, resolve);
            }
            String path = name.replace('.', '/') + ".class";
            try (InputStream in =
                    LoaderLeaksTest.class.getClassLoader().getResourceAsStream(path)) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(name, unreadable);
            }
        }
    }
}
