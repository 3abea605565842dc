import type { Logger } from "../logger.ts";
import { listen, page } from "../platform.ts";
import { redactUrl } from "../event/redact.ts";
import { EXTENSION } from "./errors.ts";
import { createFloodLimit } from "./flood-limit.ts";
import { createGuard } from "./guard.ts";

/**
 * Logs reports of the browser: Content-Security-Policy violations, deprecations and interventions. Reports about browser
 * extensions are ignored. Does nothing on a server. Returns a function that ends the capture.
 *
 * @example
 * captureReports(log);
 */
export const captureReports = (logger: Logger): (() => void) => {
  const guard = createGuard();
  const isAllowed = createFloodLimit(logger, "reports");
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    guard(() => {
      const { blockedURI, sourceFile, effectiveDirective, lineNumber, disposition } = event;
      if (EXTENSION.test(`${blockedURI} ${sourceFile}:`) || !isAllowed(effectiveDirective + blockedURI)) return;
      logger.warn(`Content-Security-Policy: ${effectiveDirective} ${redactUrl(blockedURI)}`, {
        "csp.directive": effectiveDirective,
        "csp.disposition": disposition,
        "csp.blocked": redactUrl(blockedURI),
        "code.file.path": sourceFile.split(/[?#]/)[0] || undefined,
        "code.line.number": lineNumber || undefined,
      });
    });
  };
  const stopListening = listen(["securitypolicyviolation"], onViolation);
  const observer =
    "ReportingObserver" in page
      ? new page.ReportingObserver(
          (reports) => {
            for (const { type, body } of reports) {
              guard(() => {
                const { id, message, sourceFile } = (body ?? {}) as Readonly<
                  Record<"id" | "message", string> & { sourceFile?: string | null }
                >;
                if (EXTENSION.test(`${sourceFile}:`) || !isAllowed(type + id)) return;
                logger.warn(`${type}: ${message}`, {
                  "report.type": type,
                  "code.file.path": sourceFile?.split(/[?#]/)[0],
                });
              });
            }
          },
          { types: ["deprecation", "intervention"], buffered: true },
        )
      : undefined;
  observer?.observe();
  return () => {
    stopListening();
    observer?.disconnect();
  };
};
