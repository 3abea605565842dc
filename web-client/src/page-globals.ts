/**
 * What a page has and Node, a Web Worker or a server that renders pages may lack, typed as missing.
 */

/** Where listeners can be added. */
interface SignalSource {
  addEventListener(type: string, listener: () => void, options: { readonly signal: AbortSignal }): void;
}

interface PageGlobals extends Partial<SignalSource> {
  readonly document?: SignalSource & { readonly visibilityState: string };
  readonly location?: { readonly origin: string };
  readonly navigator?: { readonly userAgent?: string; readonly language?: string };
}

/** Asked at each call: nothing is read on import. */
export const pageGlobals = (): PageGlobals => globalThis;
