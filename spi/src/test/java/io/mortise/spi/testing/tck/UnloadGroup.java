// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.HeapDump;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.TestBatches;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A closed engine leaves no trace: its class loader can go. */
abstract class UnloadGroup extends Group {
    UnloadGroup(LogStorageTck kit) {
        super(kit);
    }

    @BeforeEach
    void needsSimulatedFiles() {
        requireSimulatedFiles();
    }

    /** Loads the engine's own packages once more, everything else comes from around it. */
    private static final class Loader extends URLClassLoader {
        private final String own;

        Loader(URL where, Class<?> provider) {
            super(new URL[] {where}, provider.getClassLoader());
            own = provider.getPackageName() + ".";
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null && name.startsWith(own)) {
                    loaded = ownOrNull(name);
                }
                return loaded != null ? loaded : super.loadClass(name, resolve);
            }
        }

        private @Nullable Class<?> ownOrNull(String name) {
            try {
                return findClass(name);
            } catch (ClassNotFoundException elsewhere) {
                return null;
            }
        }
    }

    @Test
    void itsClassLoaderCanGo() throws Exception {
        onThreadOfItsOwn(this::useOnce);
        assertThat(HeapDump.pathToObjectOf(Loader.class.getName()))
                .as("what keeps the class loader of a closed engine")
                .isNull();
    }

    /** What a library leaves in thread locals goes with the thread. */
    private static void onThreadOfItsOwn(Callable<Boolean> work) throws Exception {
        var task = new FutureTask<>(work);
        var thread = new Thread(task);
        thread.start();
        thread.join();
        assertThat(task.get()).isTrue();
    }

    private boolean useOnce() throws Exception {
        Class<?> provider = kit.provider().getClass();
        URL where = provider.getProtectionDomain().getCodeSource().getLocation();
        try (var loader = new Loader(where, provider)) {
            Class<?> again = loader.loadClass(provider.getName());
            assertThat(again.getClassLoader()).isSameAs(loader);
            var constructor = again.getDeclaredConstructor();
            constructor.setAccessible(true);
            use((StorageEngineProvider) constructor.newInstance());
            return true;
        }
    }

    private void use(StorageEngineProvider provider) throws IOException {
        var harness = new EngineHarness(provider, kit.settings(), 1, new SimulatedFileLayer(1));
        for (int i = 0; i < 2; i++) {
            try (StorageEngine engine = harness.open()) {
                LogStorage log =
                        engine.openLog(World.id(1), EPOCH, new LogConfig(strongest(), 10_000, 0));
                TestBatches.append(log, EPOCH, 1, 50_000, 1);
                engine.flush();
                engine.force();
                harness.scheduler().runReady();
                try (LogSlice slice = log.read(log.startOffset(), Long.MAX_VALUE, 1)) {
                    assertThat(slice.sizeInBytes()).isPositive();
                }
            }
        }
    }
}
