/**
 * Payloads of flutter_logs 2.2.1 on Android, as its source builds them.
 */
export type FlutterLevel = "INFO" | "WARNING" | "ERROR" | "SEVERE";

/** The ELK mode's object. `changes` replaces members of the top level. */
export const toFlutterPayload = (level: FlutterLevel, changes: object = {}): Readonly<Record<string, unknown>> => ({
  labels: "{}",
  "log.level": level === "WARNING" ? "DEBUG" : level,
  message: "message",
  ...(level === "INFO" || level === "WARNING" ? { "service.name": "Log MQTT Example" } : {}),
  "process.thread.name": "Request",
  "log.logger": "PLogger",
  ...(level === "WARNING" ? { "transaction.id": "", "trace.id": "" } : {}),
  ...(level === "ERROR" || level === "SEVERE"
    ? {
        "log.origin": { "file.name": "Log MQTT Example", function: "Request", "file.line": 0 },
        "error.type": "ERROR",
        "error.message": "",
        "error.stack_trace": [],
      }
    : {}),
  geo: { "geo.location": '{ "lon": 0.0, "lat": 0.0 }' },
  host: {
    "host.hostname": " SM-N9750",
    "host.id": "Samsung",
    "host.mac": "YJBKKSNKDNK676",
    "host.name": "Note 10+",
    "host.type": "Samsung",
    "host.sdkInt": "30",
    "host.batteryPercent": "",
  },
  organization: { "organization.id": "1", "organization.unitId": "", "organization.name": "" },
  user: {
    "user.email": "tester@gmail.com",
    "user.full_name": "tester",
    "user.deviceId": "00001",
    "user.id": "883023-2832-2323",
    "user.name": "tester",
  },
  app: {
    "app.id": "mqtt_example",
    "app.name": "Flutter MQTT Demo",
    "app.version": "1.0",
    "app.language": "en-US",
    "app.environmentId": "1",
    "app.environmentName": "dev",
  },
  ...changes,
});

/** Gson escapes these characters in texts. */
const toGsonEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The object as Gson writes it. */
export const toGson = (payload: object): string =>
  JSON.stringify(payload).replaceAll(/[<>&='\u2028\u2029]/g, toGsonEscape);

/** One record of the plain mode, without its line feed. */
export const flutterRecord = (message: string, level: FlutterLevel, tag = "Pay", subTag = "Card"): string =>
  `{${tag}}  {${subTag}}  {${message}}  {05 June 2022 05:04:35 PM}  {${level}}`;
