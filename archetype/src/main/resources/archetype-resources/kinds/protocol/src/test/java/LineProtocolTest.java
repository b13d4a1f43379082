package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topic;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Against a whole broker. */
class LineProtocolTest {
    @TempDir Path data;

    @Test
    void publishesLines() throws Exception {
        try (var broker = EmbeddedBroker.builder(data).start()) {
            assertThat(say(broker, "room/kitchen 21.5", "room/hall 19"))
                    .containsExactly("OK", "OK");
            Topic topic = broker.broker().topics().find(TenantId.DEFAULT, "room");
            assertThat(topic).isNotNull();
            long records = 0;
            for (int i = 0; i < topic.partitionCount(); i++) {
                records += topic.partition(i).highWatermark();
            }
            assertThat(records).isEqualTo(2);
        }
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        try (var broker = EmbeddedBroker.builder(data).start()) {
            List<String> answers = say(broker, "nothing", "a/+ wildcard");
            assertThat(answers.get(0)).startsWith("ERROR").contains("a blank");
            assertThat(answers.get(1)).startsWith("ERROR").contains("wildcard");
        }
    }

    private static List<String> say(EmbeddedBroker broker, String... lines) throws Exception {
        int port = broker.port("${artifactId}");
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                var answers =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.UTF_8))) {
            var heard = new ArrayList<String>();
            for (String line : lines) {
                socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                heard.add(answers.readLine());
            }
            return heard;
        }
    }
}
