/**
 * Logs what the browser reports: violations of the Content-Security-Policy, interventions, deprecations. Those that
 * extensions cause are left out.
 */
import { EXTENSION } from "./errors.ts";
import { createGate } from "./flood-limit.ts";
import type { Logger } from "../logger.ts";
import { redactUrl } from "../event/redact.ts";
import { createGuard } from "./guard.ts";

/** Returns what ends it. */
export const captureReports = (logger: Logger): (() => void) => {
  const guard = createGuard();
  const isAllowed = createGate(logger, "reports");
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    guard(() => {
      const { blockedURI, sourceFile, effectiveDirective, lineNumber, disposition } = event;
      if (EXTENSION.test(`${blockedURI} ${sourceFile}:`) || !isAllowed(effectiveDirective + blockedURI)) return;
      logger.warn(`Content-Security-Policy: ${effectiveDirective} ${redactUrl(blockedURI)}`, {
        "csp.directive": effectiveDirective,
        "csp.disposition": disposition,
        "csp.blocked": redactUrl(blockedURI),
        "code.file.path": sourceFile || undefined,
        "code.line.number": lineNumber || undefined,
      });
    });
  };
  document.addEventListener("securitypolicyviolation", onViolation);
  const observer =
    "ReportingObserver" in globalThis
      ? new ReportingObserver(
          (reports) => {
            for (const { type, body } of reports) {
              guard(() => {
                const { id, message, sourceFile } = (body ?? {}) as Readonly<Record<string, unknown>>;
                if (EXTENSION.test(`${String(sourceFile)}:`) || !isAllowed(`${type}${String(id)}`)) return;
                logger.warn(`${type}: ${String(message)}`, { "report.type": type, "code.file.path": sourceFile });
              });
            }
          },
          { types: ["deprecation", "intervention"], buffered: true },
        )
      : undefined;
  observer?.observe();
  return () => {
    document.removeEventListener("securitypolicyviolation", onViolation);
    observer?.disconnect();
  };
};
