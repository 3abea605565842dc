/**
 * Checks the modules, the version and the size of the chunk. These tests fail for an update of mqtt.js that needs other
 * modules.
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
  it("contains only mqtt.js, mqtt-packet and the shims", () => {
    const modules = chunk.moduleIds.filter((id) => !id.startsWith("\0")).map((id) => id.replaceAll("\\", "/"));
    expect(modules.filter((id) => !ALLOWED.test(id))).toEqual([]);
    expect(modules).toEqual(expect.arrayContaining([expect.stringMatching(/mqtt\/build\/lib\/client\.js$/)]));
    for (const shim of Object.values(REPLACEMENTS)) {
      expect(modules).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`/shims/${shim}$`))]));
    }
  });

  it("uses no globals of Node", () => {
    expect(chunk.imports).toEqual([]);
    expect(chunk.code).not.toMatch(/\brequire\s*\(|\bprocess\.(?:env|version)\b|new Worker|createObjectURL/);
  });

  it("is within its size budget", () => {
    expect(gzipSync(chunk.code, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIP_BYTES);
  });

  it("is the tested version of mqtt.js", () => {
    expect(mqttPackage.version).toMatch(/^5\.16\./);
    expect(chunk.code).toContain(mqttPackage.version);
  });
});
