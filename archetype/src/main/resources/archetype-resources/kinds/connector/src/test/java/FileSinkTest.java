package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.connector.SinkTask.SinkPartition;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

class FileSinkTest {
    private static final SinkPartition PARTITION = new SinkPartition("orders", 2);

    @TempDir Path folder;

    @Test
    void goesOnBehindTheLastWholeLine() throws Exception {
        Path file = folder.resolve("orders.txt");
        try (var task = new FileSinkTask(file)) {
            assertThat(task.start(List.of(PARTITION))).isEmpty();
            task.put(List.of(record(0, "a"), record(1, "b")));
        }
        Files.writeString(file, "orders\t2\t2\tha", StandardOpenOption.APPEND);
        try (var task = new FileSinkTask(file)) {
            assertThat(task.start(List.of(PARTITION))).isEqualTo(Map.of(PARTITION, 2L));
            task.put(List.of(record(2, "c")));
        }
        assertThat(Files.readAllLines(file))
                .containsExactly("orders\t2\t0\t-\tYQ==", "orders\t2\t1\t-\tYg==", "orders\t2\t2\t-\tYw==");
    }

    @Test
    void aRelativePathIsRefused() {
        var sink = new FileSink();
        assertThat(sink.validate(Map.of("file", "orders.txt"))).singleElement().asString().contains("orders.txt");
        assertThat(sink.validate(Map.of("file", "/var/orders.txt"))).isEmpty();
    }

    private static SinkRecord record(long offset, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return new SinkRecord("orders", 2, offset, 0, null, bytes, List.of());
    }
}
