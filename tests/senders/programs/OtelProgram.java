import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The exporter of OpenTelemetry Java. */
public class OtelProgram {
  public static void main(String[] arguments) {
    String token = System.getenv("SENDER_TOKEN");
    int count = Integer.parseInt(System.getenv("SENDER_COUNT"));
    String authorization = "Bearer " + System.getenv("SENDER_APP") + ":" + System.getenv("SENDER_KEY");
    OtlpHttpLogRecordExporter exporter =
        OtlpHttpLogRecordExporter.builder()
            .setEndpoint(System.getenv("SENDER_URL") + "/v1/logs")
            .addHeader("Authorization", authorization)
            .setTimeout(Duration.ofSeconds(60))
            .build();
    SdkLoggerProvider provider =
        SdkLoggerProvider.builder()
            .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "checkout")))
            .addLogRecordProcessor(BatchLogRecordProcessor.builder(exporter).setMaxQueueSize(4096).build())
            .build();
    Logger logger = provider.get("checkout");
    for (int n = 0; n < count - 4; n += 1) {
      logger.logRecordBuilder().setSeverity(Severity.INFO).setBody("event " + n + " " + token).emit();
    }
    SpanContext span =
        SpanContext.create(
            "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", TraceFlags.getSampled(), TraceState.getDefault());
    logger
        .logRecordBuilder()
        .setContext(Context.root().with(Span.wrap(span)))
        .setSeverity(Severity.WARN)
        .setBody("Grüße 😀 日本 " + token)
        .emit();
    logger
        .logRecordBuilder()
        .setSeverity(Severity.ERROR)
        .setBody("failed " + token)
        .setAttribute(AttributeKey.stringKey("exception.type"), "java.lang.IllegalStateException")
        .setAttribute(AttributeKey.stringKey("exception.message"), "no card")
        .setAttribute(AttributeKey.stringKey("exception.stacktrace"), "java.lang.IllegalStateException: no card\n\tat A.b(A.java:1)")
        .emit();
    logger.logRecordBuilder().setSeverity(Severity.TRACE).setBody("lowest " + token).emit();
    logger.logRecordBuilder().setSeverity(Severity.FATAL4).setBody("highest " + token).emit();
    provider.forceFlush().join(120, TimeUnit.SECONDS);
    provider.close();
  }
}
