import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;

/** Log4j's HTTP appender with the ECS layout. */
public class Log4jProgram {
  public static void main(String[] arguments) {
    String token = System.getenv("SENDER_TOKEN");
    int count = Integer.parseInt(System.getenv("SENDER_COUNT"));
    Logger logger = LogManager.getLogger("checkout");
    for (int n = 0; n < count - 4; n += 1) logger.info("event {} {}", n, token);
    ThreadContext.put("trace.id", "5b8efff798038103d269b633813fc60c");
    logger.warn("Grüße 😀 日本 {}", token);
    ThreadContext.clearAll();
    logger.error("failed " + token, new IllegalStateException("no card"));
    logger.trace("lowest {}", token);
    logger.fatal("highest {}", token);
    LogManager.shutdown();
  }
}
