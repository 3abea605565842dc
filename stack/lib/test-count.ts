/** Counts results in vitest's JSON report, including failures outside of tests, such as a file that does not load. */
import { readFile } from "node:fs/promises";

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
}

export const toCount = (
  report: Report | undefined,
  { isChecked, isTested }: { readonly isChecked: boolean; readonly isTested: boolean },
): TestCount => {
  const brokenFiles = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((assertion) => assertion.status !== "failed"),
  ).length;
  const failedTests = (report?.numFailedTests ?? 0) + brokenFiles;
  // An error outside of all tests makes vitest fail although every test passed.
  const failedRuns = !isTested && failedTests === 0 ? 1 : 0;
  return {
    passed: (report?.numPassedTests ?? 0) + (isChecked ? 1 : 0),
    failed: failedTests + failedRuns + (isChecked ? 0 : 1),
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
};

export const countTests = async (
  path: string,
  outcome: { readonly isChecked: boolean; readonly isTested: boolean },
): Promise<TestCount> => {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return toCount(text === undefined ? undefined : (JSON.parse(text) as Report), outcome);
};
