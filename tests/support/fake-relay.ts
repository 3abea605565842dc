/** The part of the relay that `npm run app` uses: `GET /sessions/{user}`. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeRelay extends AsyncDisposable {
  readonly url: string;
  /** The users that were requested. */
  readonly requested: readonly string[];
}

/** A relay that has sessions for the users in `subscribed`. */
export const startFakeRelay = async (subscribed: ReadonlySet<string>): Promise<FakeRelay> => {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    const user = (request.url ?? "").replace("/sessions/", "");
    requested.push(user);
    response.writeHead(subscribed.has(user) ? 200 : 503).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requested,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
};
