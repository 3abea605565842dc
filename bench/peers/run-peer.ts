/** Starts a peer with a separate broker, and measures how fast it drains a backlog. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import mqtt from "mqtt";
import { reservePort } from "../../stack/lib/ports.ts";
import type { Stack } from "../../stack/stack.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { deleteIndex, type Throughput } from "../support/bulk.ts";
import { waitUntilMerged } from "../support/logs.ts";
import { makePayload } from "../support/payload.ts";
import { cpuSince, readCpu, type Role } from "../support/process-cpu.ts";
import type { Peer } from "./peer.ts";

/** The limits of our broker, without passwords. */
const toBrokerConfiguration = (port: number): string => `
listener ${port} 127.0.0.1
max_qos 1
allow_anonymous true
max_inflight_messages 0
max_inflight_bytes 16777216
max_queued_bytes 536870912
max_queued_messages 1000000
set_tcp_nodelay true
log_type error
`;

const PUBLISH_WINDOW = 1_000;
const POLL_MS = 100;

export interface RunningPeer extends AsyncDisposable {
  /** With one event a message. */
  drain(events: number): Promise<Throughput>;
}

export const startPeer = async (peer: Peer, stack: Stack): Promise<RunningPeer> => {
  const { services, file } = stack;
  const dir = await mkdtemp(join(tmpdir(), `edgelog-bench-${peer.name}-`));
  const index = `bench-peer-${peer.name}`;
  const brokerPort = await reservePort();
  const opensearchUrl = file.opensearch;
  await deleteIndex(opensearchUrl, index);
  const configuration = join(dir, "mosquitto.conf");
  await writeFile(configuration, toBrokerConfiguration(brokerPort));
  await mkdir(join(dir, "peer"));
  const broker = execa("mosquitto", ["-c", configuration], { reject: false, stdio: "ignore" });
  const command = await peer.configure({ brokerPort, opensearchUrl, index, dir: join(dir, "peer") });
  const child = execa(command.file, command.args, { reject: false, stdio: "ignore", cwd: dir });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${peer.name} did not start`);
  const url = `mqtt://127.0.0.1:${brokerPort}`;

  const publish = async (events: number): Promise<void> => {
    const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
    for (let sent = 0; sent < events;) {
      const window: Promise<unknown>[] = [];
      for (; window.length < PUBLISH_WINDOW && sent < events; sent += 1) {
        window.push(client.publishAsync("logs/demo/bench", makePayload(1, sent), { qos: 1 }));
      }
      await Promise.all(window);
    }
    await client.endAsync();
  };
  const count = async (): Promise<number> => {
    await queryOpenSearch(opensearchUrl, `/${index}/_refresh?ignore_unavailable=true`);
    return (await queryOpenSearch<{ count: number }>(opensearchUrl, `/${index}/_count?ignore_unavailable=true`)).count;
  };
  /** Without a refresh. */
  const countIndexed = async (): Promise<number> => {
    const stats = await queryOpenSearch<{ _all?: { primaries: { indexing: { index_total: number } } } }>(
      opensearchUrl,
      `/${index}/_stats/indexing`,
      undefined,
      "GET",
    );
    return stats._all?.primaries.indexing.index_total ?? 0;
  };

  const stop = async (): Promise<void> => {
    child.kill();
    await child;
    broker.kill();
    await broker;
    await deleteIndex(opensearchUrl, index);
    await rm(dir, { recursive: true, force: true });
  };
  const waitUntilSubscribed = (): Promise<void> =>
    waitFor(`the subscription of ${peer.name}`, async () => {
      // The broker may not listen yet.
      await publish(1).catch(() => undefined);
      return (await count()) > 0;
    });
  try {
    await waitUntilSubscribed();
  } catch (error) {
    await stop();
    throw error;
  }
  const roles = new Map<number, Role>([
    [process.pid, "bench"],
    [pid, "relay"],
    ...(services.opensearch.pid === undefined ? [] : ([[services.opensearch.pid, "opensearch"]] as const)),
    ...(broker.pid === undefined ? [] : ([[broker.pid, "broker"]] as const)),
  ]);

  return {
    async drain(events) {
      // Creates the index again, so that each measurement starts with an empty one, as ours.
      await deleteIndex(opensearchUrl, index);
      await waitUntilSubscribed();
      await sleep(2 * POLL_MS);
      const before = await count();
      const indexedBefore = await countIndexed();
      await waitUntilMerged(stack);
      process.kill(pid, "SIGSTOP");
      await publish(events);
      const cpuBefore = readCpu(roles);
      const started = performance.now();
      process.kill(pid, "SIGCONT");
      await waitFor(`${events} events from ${peer.name}`, async () => (await countIndexed()) - indexedBefore >= events);
      const stored = (await count()) - before;
      const eventsPerSecond = (events / (performance.now() - started)) * 1_000;
      if (stored < events) throw new Error(`${peer.name} stored ${stored} of ${events} events`);
      return { eventsPerSecond, cpu: cpuSince(cpuBefore, roles) };
    },
    [Symbol.asyncDispose]: stop,
  };
};
