"use client";
/**
 * Next.js, in the page: a component for the root layout.
 */
import { createElement, useEffect, useState, type ReactNode } from "react";
import { captureErrors, createLogger, type Logger, type LoggerOptions } from "../logger/index.ts";
import { isPage } from "../logger/platform.ts";
import { EdgelogProvider } from "./react.ts";

export { EdgelogBoundary, useLogger } from "./react.ts";

/** Props of {@link Edgelog}: options that a server component can pass, and so no functions. */
export interface EdgelogProps extends Omit<LoggerOptions, "beforeSend" | "connectMqtt" | "fetch" | "key"> {
  /** The app's key; React reserves the name `key`. */
  readonly appKey: string;
  readonly children?: ReactNode;
}

/** The page's logger. React's strict mode creates the state of a component twice. */
let pageLogger: Logger | undefined;

const toLogger = (options: LoggerOptions): Logger =>
  isPage() ? (pageLogger ??= createLogger(options)) : createLogger(options);

/**
 * Creates the page's logger, provides it to `useLogger` in its children, and logs uncaught errors. Use it once, in the root layout.
 *
 * @example
 * // app/layout.tsx
 * <body><Edgelog app="shop" appKey="elk_…" endpoint="https://logs.example.com">{children}</Edgelog></body>
 */
export const Edgelog = ({ children, appKey: key, ...options }: EdgelogProps): ReactNode => {
  const [logger] = useState(() => toLogger({ ...options, key }));
  useEffect(() => captureErrors(logger), [logger]);
  return createElement(EdgelogProvider, { logger, children });
};
