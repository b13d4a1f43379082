package ${package};

import io.mortise.spi.connector.SinkConnectorProvider;
import io.mortise.spi.connector.SinkTask;
import io.mortise.spi.plugin.PluginContext;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Entry of the plugin: a sink that writes each record as a line of a file. */
public final class FileSink implements SinkConnectorProvider {
    private static final String FILE = "file";

    @Override
    public List<Setting> settings() {
        return List.of(
                new Setting(FILE, "string", null, false, "Absolute path of the file to append to."));
    }

    @Override
    public List<String> validate(Map<String, String> settings) {
        String file = settings.getOrDefault(FILE, "");
        return Path.of(file).isAbsolute()
                ? List.of()
                : List.of("file is '" + file + "', it must be an absolute path");
    }

    @Override
    public SinkTask task(
            PluginContext context, String connectorName, Map<String, String> settings) {
        return new FileSinkTask(Path.of(settings.getOrDefault(FILE, "")));
    }
}
