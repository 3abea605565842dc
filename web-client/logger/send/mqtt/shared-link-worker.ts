/**
 * The SharedWorker that holds one MQTT connection for all tabs of an origin with the same broker, app and key.
 */
import { newId } from "../../event/new-id.ts";
import { listen, locks } from "../../platform.ts";
import type { OpenResult } from "../link.ts";
import { openMqttLink } from "./mqtt-link.ts";
import { createReceiptTimeout } from "./receipt-timeout.ts";
import type { FromTab, FromWorker, SharedLogin } from "./shared-link-protocol.ts";

interface SharedConnection {
  readonly tabs: Set<MessagePort>;
  readonly stopper: AbortController;
  readonly opening: Promise<OpenResult>;
}

const connections = new Map<string, SharedConnection>();
const workerLock = `edgelog ${newId()}`;

const post = (port: MessagePort, message: FromWorker): void => port.postMessage(message);

const openConnection = (name: string, login: SharedLogin): SharedConnection => {
  const { receiptTimeoutMs, maxReceiptTimeoutMs } = login;
  const stopper = new AbortController();
  const receiptTimeout = createReceiptTimeout(receiptTimeoutMs, maxReceiptTimeoutMs);
  const opening = openMqttLink({ ...login, receiptTimeout }, stopper.signal);
  const connection: SharedConnection = { tabs: new Set(), stopper, opening };
  const remove = (): void => {
    if (connections.get(name) === connection) connections.delete(name);
  };
  void opening.then(async (opened) => {
    if (opened.state !== "open") return remove();
    await opened.link.closed;
    remove();
    for (const port of connection.tabs) post(port, { type: "closed" });
  });
  stopper.signal.addEventListener("abort", remove);
  connections.set(name, connection);
  return connection;
};

const serve = (port: MessagePort): void => {
  let connection: SharedConnection | undefined;

  const leave = async (): Promise<void> => {
    const left = connection;
    connection = undefined;
    if (!left?.tabs.delete(port) || left.tabs.size > 0) return;
    left.stopper.abort();
    const opened = await left.opening;
    if (opened.state === "open") opened.link.close();
  };

  const join = async (login: SharedLogin, tabLock: string): Promise<void> => {
    const name = JSON.stringify([login.url, login.app, login.key]);
    connection = connections.get(name) ?? openConnection(name, login);
    connection.tabs.add(port);
    // Acquired when the tab has ended.
    locks()
      ?.request(tabLock, leave)
      .catch(() => {});
    post(port, { type: "opened", state: (await connection.opening).state });
  };

  const handle = async (message: FromTab): Promise<void> => {
    if (message.type === "join") return join(message.login, message.tabLock);
    if (message.type === "leave") return leave();
    const opened = await connection?.opening;
    const { batch } = message;
    const result = opened?.state === "open" ? await opened.link.send(batch) : ({ state: "retry", afterMs: 0 } as const);
    post(port, { type: "sent", id: batch.id, result });
  };

  port.addEventListener("message", ({ data }: MessageEvent<FromTab>) => void handle(data));
  port.start();
  post(port, { type: "ready", workerLock });
};

/** Without locks it does not resolve, and the tabs connect themselves. */
const holdsLock = new Promise<void>((resolve) => {
  const hold = (): Promise<never> => {
    resolve();
    return new Promise(() => {}); // until the Worker ends
  };
  locks()
    ?.request(workerLock, hold)
    .catch(() => {});
});

listen(["connect"], ({ ports: [port] }: MessageEvent) => {
  if (port) void holdsLock.then(() => serve(port));
});
