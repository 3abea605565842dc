/**
 * What the chunk is made of. An update of mqtt.js that needs something new fails here first: by name, by version or by size.
 */
import { gzipSync } from "node:zlib";
import mqttPackage from "mqtt/package.json" with { type: "json" };
import { beforeAll, describe, expect, it } from "vitest";
import type { Rolldown } from "vite";
import { REPLACEMENTS } from "../../../web-client/mqtt-slim/replacements.ts";
import { buildClient } from "../../support/mqtt-slim/build-client.ts";

const MAX_GZIP_BYTES = 25_000;
const ALLOWED =
  /\/node_modules\/(?:mqtt\/build\/lib|mqtt-packet)\/|\/node_modules\/mqtt\/package\.json$|\/web-client\/mqtt-slim\//;

let chunk: Rolldown.OutputChunk;
beforeAll(async () => {
  chunk = await buildClient("slim");
});

describe("the slim chunk", () => {
  it("holds mqtt.js, mqtt-packet and the shims, nothing else", () => {
    const modules = chunk.moduleIds.filter((id) => !id.startsWith("\0")).map((id) => id.replaceAll("\\", "/"));
    expect(modules.filter((id) => !ALLOWED.test(id))).toEqual([]);
    expect(modules).toEqual(expect.arrayContaining([expect.stringMatching(/mqtt\/build\/lib\/client\.js$/)]));
    for (const shim of Object.values(REPLACEMENTS)) {
      expect(modules).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`/shims/${shim}$`))]));
    }
  });

  it("asks the page for nothing that only Node has", () => {
    expect(chunk.imports).toEqual([]);
    expect(chunk.code).not.toMatch(/\brequire\s*\(|\bprocess\.(?:env|version)\b|new Worker|createObjectURL/);
  });

  it("stays in its budget", () => {
    expect(gzipSync(chunk.code, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIP_BYTES);
  });

  it("is the version of mqtt.js that it was tested with", () => {
    expect(mqttPackage.version).toMatch(/^5\.16\./);
    expect(chunk.code).toContain(mqttPackage.version);
  });
});
