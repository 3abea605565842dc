/**
 * Accepting and opening WebSockets, which differs between runtimes: routes/workerd-sockets.ts and worker/node/sockets.ts.
 */

/** The part of an accepted WebSocket that is used here. Its binary messages must be ArrayBuffers. */
export interface TailSocket {
  send(message: Uint8Array): void;
  close(code: number, reason: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close" | "error", listener: () => void): void;
}

/** The WebSockets of one upgrade request. */
export interface SocketPort {
  /** Accepts the upgrade. The route must return `response`. */
  accept(subprotocol: string): { readonly socket: TailSocket; readonly response: Response };
  /**
   * Connects the client with the broker, which receives the client's bytes unchanged.
   *
   * @returns The response that the route must return; `undefined` if the broker is unavailable.
   */
  forwardToBroker(subprotocol: string): Promise<Response | undefined>;
  /** Opens a WebSocket to the broker; `undefined` if the broker is unavailable. */
  openBroker(subprotocol: string): Promise<TailSocket | undefined>;
}
