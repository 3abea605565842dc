import type { Metric } from "web-vitals";
import type { Logger } from "../logger.ts";
import { isPage, whenIdle } from "../platform.ts";

/**
 * Logs each web vital of the page (CLS, FCP, INP, LCP, TTFB) once, when its value is final. Needs the package `web-vitals`,
 * which is loaded when the page is idle. Does nothing in Workers and on servers. Returns a function that ends the capture.
 *
 * @example
 * captureWebVitals(log);
 */
export const captureWebVitals = (logger: Logger): (() => void) => {
  let isEnded = false;
  const report = ({ name, value, rating, delta, id, navigationType }: Metric): void => {
    if (isEnded) return;
    logger.info(`${name} ${Math.round(value * 1_000) / 1_000}`, {
      "browser.web_vital.name": name.toLowerCase(),
      "browser.web_vital.value": value,
      "browser.web_vital.delta": delta,
      "browser.web_vital.id": id,
      "browser.web_vital.rating": rating,
      "browser.web_vital.navigation_type": navigationType,
    });
  };
  const load = async (): Promise<void> => {
    const { onCLS, onFCP, onINP, onLCP, onTTFB } = await import("web-vitals");
    for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(report);
  };
  if (isPage()) {
    whenIdle(() => {
      load().catch(() => {}); // cannot be loaded, e.g. offline
    });
  }
  return () => {
    isEnded = true;
  };
};
