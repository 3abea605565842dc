"use client";
/**
 * React: a provider, a hook and an error boundary. They also work in React's server rendering, where the logger does nothing.
 */
import { Component, createContext, createElement, useContext, useMemo, type ErrorInfo, type ReactNode } from "react";
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Logger } from "../logger/logger.ts";

const LoggerContext = createContext<Logger | undefined>(undefined);

/** Props of {@link EdgelogProvider}. */
export interface EdgelogProviderProps {
  readonly logger: Logger;
  readonly children?: ReactNode;
}

/**
 * Provides a logger to `useLogger` and `EdgelogBoundary` in its children.
 *
 * @example
 * createRoot(root).render(<EdgelogProvider logger={log}><App /></EdgelogProvider>);
 */
export const EdgelogProvider = ({ logger, children }: EdgelogProviderProps): ReactNode =>
  createElement(LoggerContext.Provider, { value: logger }, children);

/** Equal for equal attributes. Attributes that JSON cannot represent, for example cyclic ones, are equal only to themselves. */
const keyOf = (attributes: Attributes | undefined): unknown => {
  try {
    return JSON.stringify(attributes, (_name, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  } catch {
    return attributes;
  }
};

/**
 * The logger of the closest provider. With attributes: a child that adds them to its events; it stays the same while they are equal.
 * Throws outside of a provider.
 *
 * @example
 * const log = useLogger({ component: "cart" });
 */
export const useLogger = (attributes?: Attributes): Logger => {
  const logger = useContext(LoggerContext);
  if (!logger) throw new Error("useLogger must be called inside of an <EdgelogProvider>.");
  const key = keyOf(attributes);
  // `key` represents `attributes`, which is usually a new object in each render.
  return useMemo(() => (attributes ? logger.child(attributes) : logger), [logger, key]);
};

/** Props of {@link EdgelogBoundary}. */
export interface EdgelogBoundaryProps {
  /**
   * Rendered instead of the children after an error. A function receives the error, and a function that renders the children again.
   * Default: nothing is rendered.
   */
  readonly fallback?: ReactNode | ((error: unknown, reset: () => void) => ReactNode);
  /** Attributes of the logged errors. */
  readonly attributes?: Attributes;
  readonly children?: ReactNode;
}

interface BoundaryState {
  readonly failure?: { readonly error: unknown } | undefined;
}

/**
 * Logs the errors that its children throw while they render, with the attribute `react.component_stack`, and renders `fallback`.
 * Outside of a provider it only renders `fallback`.
 *
 * @example
 * <EdgelogBoundary fallback={<p>Something went wrong.</p>}><Cart /></EdgelogBoundary>
 */
export class EdgelogBoundary extends Component<EdgelogBoundaryProps, BoundaryState> {
  static override readonly contextType = LoggerContext;
  static getDerivedStateFromError = (error: unknown): BoundaryState => ({ failure: { error } });
  override readonly state: BoundaryState = {};

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    const logger = this.context as Logger | undefined;
    logger?.error(error, { ...this.props.attributes, "react.component_stack": componentStack ?? undefined });
  }

  override render(): ReactNode {
    const { fallback, children } = this.props;
    const { failure } = this.state;
    if (!failure) return children;
    if (typeof fallback !== "function") return fallback;
    return fallback(failure.error, () => this.setState({ failure: undefined }));
  }
}
