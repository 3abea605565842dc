import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * Runs one OpenSearch node on loopback, for development and tests: {@code DevServer <home> <port> [<setting>=<value> ...]}.
 * The runner's own launcher supports neither ports above 9299 nor settings. SIGTERM closes the node.
 */
public final class DevServer {
  public static void main(String[] args) throws Exception {
    if (args.length < 2) throw new IllegalArgumentException("usage: DevServer <home> <port> [<setting>=<value> ...]");
    String home = args[0];
    String port = args[1];

    OpenSearchRunner runner = new OpenSearchRunner();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
    runner.onBuild((number, settings) -> {
      settings.put("node.name", "edgelog-dev");
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", port);
      settings.put("transport.port", "0");
      // For `npm run backup`. Beside the data, so that a backup survives their loss.
      settings.put("path.repo", home + "-snapshots");
      // Absolute watermarks: the default percentages would block writes on a large disk with enough free space.
      settings.put("cluster.routing.allocation.disk.watermark.low", "1gb");
      settings.put("cluster.routing.allocation.disk.watermark.high", "750mb");
      settings.put("cluster.routing.allocation.disk.watermark.flood_stage", "500mb");
      for (int i = 2; i < args.length; i += 1) {
        String[] setting = args[i].split("=", 2);
        settings.put(setting[0], setting[1]);
      }
    });
    runner.build(OpenSearchRunner.newConfigs()
        .basePath(home)
        .numOfNode(1)
        .clusterName("edgelog-dev")
        .disableESLogger()
        .printOnFailure());
    Thread.currentThread().join();
  }

  private static void close(OpenSearchRunner runner) {
    try {
      runner.close();
    } catch (Exception e) {
      e.printStackTrace();
    }
  }
}
