/**
 * Lists each value of the flutter_logs payloads and where it is found: `node tests/field-cases/list-flutter-values.ts`. Starts a
 * separate stack. Exit status 1 if a log lacks a value.
 */
import { startFieldCaseStack } from "./support/field-case-stack.ts";
import { findFlutterValues } from "./support/flutter-values.ts";

await using fieldCases = await startFieldCaseStack();
const { values, wrongSeverities } = await findFlutterValues(fieldCases);
for (const { variant, path, value, found } of values) {
  process.stdout.write(`${[variant, path, JSON.stringify(value.slice(0, 60)), found ?? "MISSING"].join("\t")}\n`);
}
const missing = values.filter(({ found }) => found === undefined).length;
process.stdout.write(
  `${values.length} values, ${missing} missing, ${wrongSeverities.length} events with another severity\n`,
);
if (missing + wrongSeverities.length > 0) process.exitCode = 1;
