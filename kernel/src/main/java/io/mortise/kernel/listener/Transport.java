// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Epoll where the machine has it, else NIO. */
enum Transport {
    EPOLL,
    NIO;

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    ServerSocketChannel serverChannel() {
        return switch (this) {
            case EPOLL -> new EpollServerSocketChannel();
            case NIO -> new NioServerSocketChannel();
        };
    }

    /** Makes a group over those threads. */
    EventLoopGroup group(int loops, LoopThreads threads) {
        IoHandlerFactory factory =
                switch (this) {
                    case EPOLL -> EpollIoHandler.newFactory();
                    case NIO -> NioIoHandler.newFactory();
                };
        return new MultiThreadIoEventLoopGroup(loops, threads, factory);
    }

    /** Makes and knows the threads of one group, named {@code mortise-<plugin>-<n>}. */
    static final class LoopThreads extends DefaultThreadFactory {
        private final String name;
        private final ClassLoader loader;
        private final List<Thread> made = new CopyOnWriteArrayList<>();

        LoopThreads(String name, ClassLoader loader) {
            super(name, true);
            this.name = name;
            this.loader = loader;
        }

        @Override
        protected Thread newThread(Runnable task, String nettyName) {
            Thread thread = super.newThread(task, "mortise-" + name + "-" + (made.size() + 1));
            thread.setContextClassLoader(loader);
            made.add(thread);
            return thread;
        }

        List<Thread> made() {
            return made;
        }
    }
}
