import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { isCronDue } from "../../worker/node/cron-schedule.ts";
import { readCronLines, startLocalCrons } from "../services/local-crons.ts";

it("runs a cron line in its minute", () => {
  const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 28, 12, minute));
  expect(isCronDue("* * * * *", at(5))).toBe(true);
  expect(isCronDue("17 * * * *", at(17))).toBe(true);
  expect(isCronDue("17 * * * *", at(18))).toBe(false);
  expect(() => isCronDue("*/5 * * * *", at(0))).toThrow("not supported");
});

it("supports all cron lines of wrangler.toml", () => {
  const lines = readCronLines();
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(() => isCronDue(line, new Date())).not.toThrow();
});

it("runs all jobs at the start", async () => {
  const triggered: string[] = [];
  const { promise: isComplete, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    triggered.push(new URL(request.url ?? "", "http://localhost").searchParams.get("cron") ?? "");
    response.end();
    if (triggered.length === readCronLines().length) resolve();
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  const stop = startLocalCrons(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await isComplete;
  stop();
  server.closeAllConnections();
  server.close();
  expect(triggered.toSorted()).toEqual([...readCronLines()].toSorted());
});
