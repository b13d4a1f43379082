package ${package};

import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.connector.SinkTask;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lines of topic, partition, offset, key and value, with a tabulator between them; key and value in
 * base64, a dash for null. A record's position stands in its own line, so data and position are
 * written together: after a crash the file itself says where to go on, and no record is there twice.
 */
final class FileSinkTask implements SinkTask {
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    private final Path file;
    private @Nullable FileChannel channel;

    FileSinkTask(Path file) {
        this.file = file;
    }

    @Override
    public Map<SinkPartition, Long> start(List<SinkPartition> partitions) throws IOException {
        channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        cutTornLine(channel);
        channel.position(channel.size());
        Map<SinkPartition, Long> next = positions();
        next.keySet().retainAll(partitions);
        return next;
    }

    @Override
    public List<RejectedRecord> put(List<SinkRecord> records) throws IOException {
        var lines = new StringBuilder();
        for (SinkRecord record : records) {
            lines.append(record.topic()).append('\t').append(record.partition()).append('\t');
            lines.append(record.offset()).append('\t').append(text(record.key())).append('\t');
            lines.append(text(record.value())).append('\n');
        }
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        FileChannel open = opened();
        while (bytes.hasRemaining()) {
            open.write(bytes);
        }
        open.force(false);
        return new ArrayList<>();
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException nothingUnwritten) {
            // put has forced all that it was given
        } finally {
            channel = null;
        }
    }

    private FileChannel opened() {
        if (channel == null) {
            throw new IllegalStateException("put before start");
        }
        return channel;
    }

    private Map<SinkPartition, Long> positions() throws IOException {
        var next = new HashMap<SinkPartition, Long>();
        try (var lines = Files.lines(file, StandardCharsets.US_ASCII)) {
            lines.forEach(
                    line -> {
                        String[] fields = line.split("\t", -1);
                        var partition = new SinkPartition(fields[0], Integer.parseInt(fields[1]));
                        next.put(partition, Long.parseLong(fields[2]) + 1);
                    });
        }
        return next;
    }

    /** A crash may have left half a line at the end. */
    private static void cutTornLine(FileChannel channel) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        long end = channel.size();
        while (end > 0) {
            last.clear();
            channel.read(last, end - 1);
            if (last.get(0) == '\n') {
                break;
            }
            end--;
        }
        channel.truncate(end);
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "-" : BASE64.encodeToString(bytes);
    }
}
