/** The result of one check before a deployment, and how it is printed. */

export interface Finding {
  /** The subject of the check, by the name that the operator knows: a binding, a secret, a section of wrangler.toml. */
  readonly name: string;
  /**
   * `ok`, `failed`: the deployment would not work, `warning`: it works with a disadvantage, `skipped`: the check needs
   * something that was not given.
   */
  readonly result: "ok" | "failed" | "warning" | "skipped";
  /** The state if it is `ok`, otherwise what to do. */
  readonly detail: string;
}

export const passed = (name: string, detail: string): Finding => ({ name, result: "ok", detail });
export const failed = (name: string, detail: string): Finding => ({ name, result: "failed", detail });
export const warned = (name: string, detail: string): Finding => ({ name, result: "warning", detail });
export const skipped = (name: string, detail: string): Finding => ({ name, result: "skipped", detail });

/** A check that could not be completed. */
export const toUnexpected = (name: string, error: unknown): Finding =>
  failed(name, `the check failed: ${error instanceof Error ? error.message : String(error)}`);

const MARKS: Readonly<Record<Finding["result"], string>> = {
  ok: "ok      ",
  failed: "PROBLEM ",
  warning: "warning ",
  skipped: "skipped ",
};

export const toLines = (findings: readonly Finding[]): string =>
  findings.map(({ name, result, detail }) => `${MARKS[result]} ${name}: ${detail}`).join("\n");

export const hasFailed = (findings: readonly Finding[]): boolean => findings.some(({ result }) => result === "failed");
