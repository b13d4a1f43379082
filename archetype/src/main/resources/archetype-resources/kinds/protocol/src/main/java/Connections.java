package ${package};

import io.mortise.spi.protocol.Protocol;
import io.netty.channel.Channel;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections. */
final class Connections implements Protocol {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();

    void add(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
    }

    @Override
    public boolean ready() {
        return true;
    }

    /** A line has no goodbye: closing is all. */
    @Override
    public void drain(long timeoutNanos) {
        open.forEach(Channel::close);
    }

    @Override
    public void close() {
        open.forEach(Channel::close);
    }
}
