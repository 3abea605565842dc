/** The documents for clients of Elasticsearch and OpenSearch. */
const { SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);

const document = (message, level, fields = {}) => ({
  "@timestamp": new Date().toISOString(),
  message: `${message} ${token}`,
  "log.level": level,
  "ecs.version": "8.11.0",
  "service.name": "checkout",
  ...fields,
});

const { stack } = new TypeError("no card");

export const documents = [
  ...Array.from({ length: count - 4 }, (_, n) => document(`event ${n}`, "info")),
  document("Grüße 😀 日本", "WARN", { "trace.id": "5b8efff798038103d269b633813fc60c" }),
  document("failed", "SEVERE", { "error.type": "TypeError", "error.message": "no card", "error.stack_trace": stack }),
  document("lowest", "FINEST"),
  document("highest", "EMERGENCY"),
].map((each, n) => ({ id: `${token}-${n}`, ...each }));
