/** The JavaScript heap of the Worker, read through workerd's inspector. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const MIB = 1_048_576;

const SAMPLE_INTERVAL_MS = 25;

/** Node's WebSocket accepts headers; the types of browsers do not contain them. */
const NodeWebSocket = WebSocket as unknown as new (
  url: string,
  options: { readonly headers: Readonly<Record<string, string>> },
) => WebSocket;

interface HeapUsage {
  readonly usedSize: number;
  /** Contents of array buffers, which are outside of the heap. */
  readonly backingStorageSize?: number;
}

export interface HeapPeaks {
  /** Live objects, after a garbage collection. */
  readonly liveMib: number;
  /** Live objects, and live array buffers. */
  readonly liveWithBuffersMib: number;
  /** The heap with garbage. */
  readonly usedMib: number;
}

export interface HeapWatch extends AsyncDisposable {
  /** The peaks since the last call. */
  takePeaks(): HeapPeaks;
}

const inspectorPortOf = (pid: number): string => {
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  const [, port] = /--inspector-port=(\d+)/.exec(command) ?? [];
  if (port === undefined) throw new Error(`Process ${pid} has no --inspector-port: start the Worker with isInspected.`);
  return port;
};

export interface HeapSampling {
  /** Default: 25. */
  readonly everyMs?: number;
  /** Samples collect garbage when the heap is larger, which slows the Worker down. Default: 0. */
  readonly collectAboveMib?: number;
}

/** Samples the heap until it is disposed or the Worker restarts. A heap without collection counts as live. */
export const watchHeap = async (
  workerPid: number | undefined,
  { everyMs = SAMPLE_INTERVAL_MS, collectAboveMib = 0 }: HeapSampling = {},
): Promise<HeapWatch> => {
  if (workerPid === undefined) throw new Error("The Worker is not running.");
  const list = await fetch(`http://127.0.0.1:${inspectorPortOf(workerPid)}/json`);
  const [target] = (await list.json()) as { readonly webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error("The inspector has no target.");
  // Miniflare refuses connections without the origin of a local page.
  const socket = new NodeWebSocket(target.webSocketDebuggerUrl, { headers: { Origin: "http://localhost" } });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("The inspector refused the connection.")), { once: true });
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  // Also when the Worker restarts.
  const closed = new Promise<undefined>((resolve) => {
    socket.addEventListener("close", () => resolve(undefined), { once: true });
  });
  let lastId = 0;
  /** `undefined` if the connection is closed. */
  const call = async <T>(method: string): Promise<T | undefined> => {
    lastId += 1;
    const result = new Promise<T>((resolve) => waiting.set(lastId, (value) => resolve(value as T)));
    socket.send(JSON.stringify({ id: lastId, method }));
    return await Promise.race([result, closed]);
  };

  const noPeaks: HeapPeaks = { liveMib: 0, liveWithBuffersMib: 0, usedMib: 0 };
  let peaks = noPeaks;
  const sampling = (async () => {
    for (;;) {
      const before = await call<HeapUsage>("Runtime.getHeapUsage");
      if (before === undefined) return;
      const isCollected = before.usedSize + (before.backingStorageSize ?? 0) > collectAboveMib * MIB;
      if (isCollected) await call("HeapProfiler.collectGarbage");
      const after = isCollected ? await call<HeapUsage>("Runtime.getHeapUsage") : before;
      if (after === undefined) return;
      const live = after.usedSize / MIB;
      peaks = {
        liveMib: Math.max(peaks.liveMib, live),
        liveWithBuffersMib: Math.max(peaks.liveWithBuffersMib, live + (after.backingStorageSize ?? 0) / MIB),
        usedMib: Math.max(peaks.usedMib, before.usedSize / MIB),
      };
      await sleep(everyMs);
    }
  })();

  return {
    takePeaks: () => {
      const taken = peaks;
      peaks = noPeaks;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await sampling;
    },
  };
};
