/** The exporters of OpenTelemetry JS. */
import { ROOT_CONTEXT, SeverityNumber, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const { SENDER_URL, SENDER_APP, SENDER_KEY, SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);

export const send = async (Exporter) => {
  const headers = { authorization: `Bearer ${SENDER_APP}:${SENDER_KEY}` };
  const exporter = new Exporter({ url: `${SENDER_URL}/v1/logs`, headers, timeoutMillis: 60_000 });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "checkout" }),
    processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 4096, exportTimeoutMillis: 60_000 })],
  });
  const logger = provider.getLogger("checkout");
  for (let n = 0; n < count - 4; n += 1)
    logger.emit({ severityNumber: SeverityNumber.INFO, body: `event ${n} ${token}` });
  const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", traceFlags: 1 };
  logger.emit({
    severityNumber: SeverityNumber.WARN,
    body: `Grüße 😀 日本 ${token}`,
    context: trace.setSpanContext(ROOT_CONTEXT, span),
  });
  const { name, message, stack } = new TypeError("no card");
  const attributes = { "exception.type": name, "exception.message": message, "exception.stacktrace": stack };
  logger.emit({ severityNumber: SeverityNumber.ERROR, body: `failed ${token}`, attributes });
  logger.emit({ severityNumber: SeverityNumber.TRACE, body: `lowest ${token}` });
  logger.emit({ severityNumber: SeverityNumber.FATAL4, body: `highest ${token}` });
  await provider.forceFlush({ timeoutMillis: 90_000 });
  await provider.shutdown();
};
