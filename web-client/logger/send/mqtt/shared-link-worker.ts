/**
 * The SharedWorker that holds one MQTT connection for all tabs of an origin that have the same broker, app and key.
 */
import { newId } from "../../event/new-id.ts";
import type { Dialed } from "../link.ts";
import { dialMqtt } from "./mqtt-link.ts";
import { createPatience } from "./receipt-timeout.ts";
import type { FromTab, FromWorker, SharedLogin } from "./shared-link-protocol.ts";

interface Line {
  readonly tabs: Set<MessagePort>;
  readonly stopper: AbortController;
  readonly dialing: Promise<Dialed>;
}

const lines = new Map<string, Line>();
const workerLock = `edgelog ${newId()}`;

const tell = (port: MessagePort, message: FromWorker): void => port.postMessage(message);

const openLine = (name: string, login: SharedLogin): Line => {
  const { receiptTimeoutMs, maxReceiptTimeoutMs } = login;
  const stopper = new AbortController();
  const patience = createPatience(receiptTimeoutMs, maxReceiptTimeoutMs);
  const line: Line = { tabs: new Set(), stopper, dialing: dialMqtt({ ...login, patience }, stopper.signal) };
  const end = (): void => {
    if (lines.get(name) === line) lines.delete(name);
  };
  void line.dialing.then(async (dialed) => {
    if (dialed.state !== "open") return end();
    await dialed.link.closed;
    end();
    for (const port of line.tabs) tell(port, { say: "closed" });
  });
  stopper.signal.addEventListener("abort", end);
  lines.set(name, line);
  return line;
};

const serve = (port: MessagePort): void => {
  let line: Line | undefined;

  const leave = async (): Promise<void> => {
    const left = line;
    line = undefined;
    if (!left?.tabs.delete(port) || left.tabs.size > 0) return;
    left.stopper.abort();
    const dialed = await left.dialing;
    if (dialed.state === "open") dialed.link.close();
  };

  const join = async (login: SharedLogin, tabLock: string): Promise<void> => {
    const name = JSON.stringify([login.url, login.app, login.key]);
    line = lines.get(name) ?? openLine(name, login);
    line.tabs.add(port);
    void navigator.locks.request(tabLock, leave);
    tell(port, { say: "dialed", outcome: (await line.dialing).state });
  };

  port.addEventListener("message", ({ data }: MessageEvent<FromTab>) => {
    const obey = async (): Promise<void> => {
      if (data.say === "join") return join(data.login, data.tabLock);
      if (data.say === "leave") return leave();
      const dialed = await line?.dialing;
      const { id } = data.parcel;
      const delivery =
        dialed?.state === "open" ? await dialed.link.send(data.parcel) : ({ state: "retry", afterMs: 0 } as const);
      tell(port, { say: "delivered", id, delivery });
    };
    void obey();
  });
  port.start();
  tell(port, { say: "hello", workerLock });
};

const ready = new Promise<void>((resolve) => {
  void navigator.locks.request(workerLock, () => {
    resolve();
    return new Promise(() => {}); // for as long as the Worker lives
  });
});

addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) void ready.then(() => serve(port));
});
