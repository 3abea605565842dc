/** Leases an OpenSearch of the pool for one test file. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { makeHome } from "../make-home.ts";
import { startOpenSearch } from "../../../stack/services/opensearch.ts";
import { RELEASE, type LeaseReply } from "./pool.ts";

/** Port of the pool; missing outside of vitest. */
export const POOL_PORT_VARIABLE = "EDGELOG_TEST_OPENSEARCH_POOL";

export interface OpenSearchLease extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
  /** Call it after the services that use the node have stopped. */
  [Symbol.asyncDispose](): Promise<void>;
}

const readReply = async (socket: Socket): Promise<LeaseReply> => {
  for await (const line of createInterface({ input: socket })) return JSON.parse(line) as LeaseReply;
  throw new Error("The pool of OpenSearch nodes has closed the connection.");
};

/** Resolves when an empty node is ready. */
export const leaseFrom = async (port: number): Promise<OpenSearchLease> => {
  const socket = connect(port, "127.0.0.1");
  const reply = await readReply(socket);
  if ("problem" in reply) throw new Error(reply.problem);
  return {
    ...reply,
    async [Symbol.asyncDispose]() {
      if (socket.destroyed) return;
      const closed = once(socket, "close");
      socket.end(RELEASE);
      socket.resume();
      await closed;
    },
  };
};

/** Outside of vitest, as in a benchmark, there is no pool, and it starts a node. */
export const leaseOpenSearch = async (): Promise<OpenSearchLease> => {
  const port = process.env[POOL_PORT_VARIABLE];
  if (port !== undefined) return await leaseFrom(Number(port));
  const home = await makeHome("edgelog-opensearch");
  const server = await startOpenSearch({ home });
  return {
    url: server.url,
    version: server.version,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};
