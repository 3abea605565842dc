/**
 * Importing the package and creating a logger have no side effects: no connection, no timer, no changed global.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const probe = `
  const touched = [];
  for (const name of ["fetch", "setTimeout", "setInterval", "addEventListener", "queueMicrotask", "WebSocket"]) {
    globalThis[name] = () => { touched.push(name); };
  }
  Math.random = () => { touched.push("random"); return 0; };
  const before = Object.getOwnPropertyNames(globalThis).length;
  const { createLogger } = await import(process.argv[1]);
  createLogger({ app: "shop", key: "k", endpoint: "http://127.0.0.1:9" });
  if (Object.getOwnPropertyNames(globalThis).length !== before) touched.push("globalThis");
  process.stdout.write(JSON.stringify(touched));
`;

it("importing the package and creating a logger has no side effects", () => {
  const entry = fileURLToPath(new URL("../../web-client/logger/index.ts", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", probe, entry], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toBe("[]");
});
