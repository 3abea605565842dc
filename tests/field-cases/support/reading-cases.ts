/** Queries of section E, and the payload with the old names. */
import { toFlutterPayload } from "./flutter-payloads.ts";

/** Queries from habit, and the fruit that they find. */
export const HABITS: readonly [query: string, fruit: readonly string[]][] = [
  ["!apple", ["banana", "cherry"]],
  ["status>=400", ["banana", "cherry"]],
  ["status >= 400", ["banana", "cherry"]],
  ["status!=200", ["banana", "cherry"]],
  ["status:[400 TO 499]", ["banana"]],
  ["level=error", ["banana"]],
  ["level: error", ["banana"]],
  ["level!=error", ["apple", "cherry"]],
  ["apple && pie", ["apple"]],
  ["apple || cherry", ["apple", "cherry"]],
  ["apple && !pie", []],
  ["'banana split'", ["banana"]],
  ["“banana split”", ["banana"]],
  ["+cherry", ["cherry"]],
  ["_exists_:retries", ["apple", "banana"]],
];

/** Queries with a hint: its kind and its suggestion. */
export const HINTS: readonly [query: string, kind: string, suggestion: string][] = [
  ["apple or cherry", "lower_case_operator", "apple OR cherry"],
  ["not apple", "lower_case_operator", "NOT apple"],
  ["level in (error, fatal)", "in_list", "level:(error OR fatal)"],
  ["level:error OR fatal", "value_without_field", "level:error OR level:fatal"],
  ["retries=3", "read_as_text", "retries:3"],
  ["Level:error", "name_case", "level:error"],
  ["localhost:8080", "unknown_field", '"localhost:8080"'],
];

/** Invalid queries, and the suggestion of the error. */
export const INVALID: readonly [query: string, suggestion: string][] = [
  ["status:5xx", "status:500..599"],
  ["duration:>500ms", "duration:>500"],
  ['"apple pie', '"apple pie"'],
  ["apple OR", "apple"],
  ["level:errro", '"level:errro"'],
];

/** Queries with old names, and whether they find {@link FLUTTER}. */
export const OLD_NAMES: readonly [query: string, isFound: boolean][] = [
  ["geo.location:*", true],
  ["-geo.location:*", false],
  ["os.api_level:>=30", true],
  ["os.api_level:<30", false],
  ["os.api_level:30", true],
  ["host.sdkInt:>=30", true],
  ["host.hostname:SM-N9750", true],
  ["host.id:Samsung", true],
  ["error.message:broken", true],
  ["error.type:ERROR", true],
  ["process.thread.name:Request", true],
  ["user.deviceId:dev-1", true],
  ["app.version:9.9", true],
  ["app.environmentName:dev", true],
  ["topic:logs/demo/*", true],
  ["topic:*", true],
  ["topic:mqtt", false],
];

/** A log of flutter_logs. */
export const FLUTTER = toFlutterPayload("ERROR", {
  message: "flutter old names",
  "log.origin": { "file.name": "Cart", function: "Request", "file.line": 0 },
  "error.message": "cart is broken",
  geo: { "geo.location": '{ "lon": 13.4, "lat": 52.5 }' },
  user: {
    "user.email": "old@acme.com",
    "user.full_name": "o",
    "user.deviceId": "dev-1",
    "user.id": "u-old",
    "user.name": "old",
  },
  app: {
    "app.id": "mqtt_example",
    "app.name": "Flutter",
    "app.version": "9.9",
    "app.language": "en-US",
    "app.environmentId": "1",
    "app.environmentName": "dev",
  },
});
