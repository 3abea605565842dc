/**
 * OpenSearch nodes that the test files of one vitest run use one after the other, because starting a node and warming up its JVM
 * costs more CPU time than most files. A file leases a node exclusively; it is empty, as a new one. Nodes start when they are
 * needed.
 *
 * A lease is a connection to the pool. The pool sends one line, a {@link LeaseReply}. The holder sends {@link RELEASE} when its
 * services have stopped. If the connection closes without it, services of the holder may still write to the node, so the pool
 * replaces it.
 */
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { pathsOf } from "../../../stack/lib/state-dir.ts";
import { startOpenSearch, type OpenSearch } from "../../../stack/services/opensearch.ts";
import { findChanges, readContent, wipe, type NodeContent } from "./wipe.ts";

export const RELEASE = "release\n";

export type LeaseReply = { readonly url: string; readonly version: string } | { readonly problem: string };

export interface OpenSearchPool extends AsyncDisposable {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Ids of the processes of all nodes, by their URLs. */
  readonly pids: ReadonlyMap<string, number>;
  /** Stops all nodes. Rejects if a node was not empty after a lease that was not followed by another one. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Node {
  readonly server: OpenSearch;
  readonly home: string;
  readonly initial: NodeContent;
}

/** Throws with the names of everything that a lease has left in the node. */
const assertEmpty = async ({ server, initial }: Node): Promise<void> => {
  const changes = findChanges(initial, await readContent(server.url));
  if (changes.length > 0) throw new Error(`tests/support/opensearch/wipe.ts does not remove: ${changes.join(", ")}`);
};

/** `home`: directory for the state directories of the nodes. `timeoutMs`: for each request that wipes a node. */
export const startOpenSearchPool = async (home: string, timeoutMs?: number): Promise<OpenSearchPool> => {
  const idle: Node[] = [];
  const all = new Set<Node>();
  const wiping = new Set<Promise<void>>();
  const problems: string[] = [];
  let started = 0;

  const start = async (): Promise<Node> => {
    started += 1;
    const nodeHome = join(home, `node-${started}`);
    const server = await startOpenSearch({ home: nodeHome });
    const node = { server, home: nodeHome, initial: await readContent(server.url) };
    all.add(node);
    return node;
  };

  const discard = async (node: Node): Promise<void> => {
    all.delete(node);
    node.server.kill("SIGKILL");
    await node.server.stop();
    await rm(node.home, { recursive: true, force: true });
  };

  const clean = async (node: Node): Promise<void> => {
    try {
      await wipe(node.server.url, timeoutMs);
      await rm(pathsOf(node.home).snapshots, { recursive: true, force: true });
    } catch (error) {
      console.warn(`A node of OpenSearch is replaced, because it could not be wiped: ${String(error)}`);
      return await discard(node);
    }
    try {
      await assertEmpty(node);
      idle.push(node);
    } catch (error) {
      problems.push(String(error));
      await discard(node);
    }
  };

  const take = async (): Promise<Node> => {
    for (;;) {
      const node = idle.pop();
      if (node === undefined) {
        if (wiping.size === 0) return await start();
        await Promise.race(wiping);
      } else {
        // Requests of the last holder that arrived after the wipe.
        if ((await assertEmpty(node).catch(() => "changed")) === undefined) return node;
        await discard(node);
      }
    }
  };

  const serve = async (socket: Socket): Promise<void> => {
    let received = "";
    socket.setEncoding("utf8").on("data", (text: string) => (received += text));
    // An error is followed by `close`.
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    const reply = (line: LeaseReply): void => void socket.write(`${JSON.stringify(line)}\n`);
    const problem = problems.shift();
    if (problem !== undefined) return void socket.end(`${JSON.stringify({ problem } satisfies LeaseReply)}\n`);
    const node = await take().catch((error: unknown) => reply({ problem: String(error) }));
    if (node === undefined) return void socket.end();
    if (socket.destroyed) return void idle.push(node);
    reply({ url: node.server.url, version: node.server.version });
    await closed;
    if (received !== RELEASE) return await discard(node);
    const wiped = clean(node).finally(() => wiping.delete(wiped));
    wiping.add(wiped);
    await wiped;
  };

  const serving = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    const served = serve(socket).finally(() => {
      serving.delete(served);
      sockets.delete(socket);
    });
    serving.add(served);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get pids() {
      return new Map([...all].flatMap(({ server: { url, pid } }) => (pid === undefined ? [] : [[url, pid]])));
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.allSettled(serving);
      await Promise.all([...all].map(discard));
      if (problems.length > 0) throw new Error(problems.join("\n"));
    },
  };
};
