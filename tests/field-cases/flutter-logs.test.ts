/**
 * Field cases of flutter_logs: each payload of the ELK mode and of the plain mode, with hostile values, through the complete
 * stack as existing apps send them. The logs contain every value that was sent.
 */
import { expect, it } from "vitest";
import { startFieldCaseStack } from "./support/field-case-stack.ts";
import { findFlutterValues } from "./support/flutter-values.ts";

it("finds each value that flutter_logs has sent", { timeout: 300_000 }, async () => {
  await using fieldCases = await startFieldCaseStack();
  const { values, wrongSeverities } = await findFlutterValues(fieldCases);
  expect(values.length).toBeGreaterThan(2_000);
  const missing = values.filter(({ found }) => found === undefined);
  expect(missing.map(({ variant, path, value }) => ({ variant, path, value: value.slice(0, 100) }))).toEqual([]);
  expect(wrongSeverities).toEqual([]);
});
