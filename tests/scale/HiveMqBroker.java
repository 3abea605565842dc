import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.Path;

/** HiveMQ Community Edition in this process. Arguments: the folders of the configuration, the data and the extensions. */
class HiveMqBroker {
  public static void main(String[] args) {
    EmbeddedHiveMQ.builder()
        .withConfigurationFolder(Path.of(args[0]))
        .withDataFolder(Path.of(args[1]))
        .withExtensionsFolder(Path.of(args[2]))
        .build()
        .start()
        .join();
  }
}
