/**
 * The interface of mqtt.js that the logger uses. Structural, because the declarations of the published logger must not
 * depend on mqtt.js, which is part of the package's scripts.
 */

/** Options that the logger passes to `connect`. */
export interface MqttConnectOptions {
  readonly protocolVersion: 5;
  readonly clean: boolean;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly reconnectPeriod: number;
  readonly connectTimeout: number;
  readonly keepalive: number;
  readonly timerVariant: "native";
  readonly resubscribe: boolean;
  readonly writeCache: boolean;
  readonly properties: { readonly requestResponseInformation: boolean };
}

/** A client as `connect` of mqtt.js returns it. */
export interface MqttConnection {
  on(event: "connect" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "message",
    listener: (
      topic: string,
      payload: Uint8Array,
      packet: { readonly properties?: { readonly correlationData?: Uint8Array } },
    ) => void,
  ): unknown;
  subscribe(
    topic: string,
    options: { readonly qos: 1 },
    callback: (error: Error | null, granted?: readonly { readonly qos: number }[]) => void,
  ): unknown;
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: {
      readonly qos: 1;
      readonly properties: {
        readonly responseTopic: string;
        readonly correlationData: Uint8Array;
        readonly contentType: string;
      };
    },
    callback: (error?: Error | null, packet?: object) => void,
  ): unknown;
  end(force?: boolean): unknown;
}

/** `connect` of mqtt.js 5, or a function with the same signature. */
export type MqttConnect = (url: string, options: MqttConnectOptions) => MqttConnection;
