/** Each Dockerfile is valid, has a fixed version of its base image, and copies files that exist. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { ROOT_DIR } from "../lib/state-dir.ts";

const dockerfiles = globSync("{broker,deploy,worker}/**/Dockerfile", { cwd: ROOT_DIR }).toSorted();

const read = (path: string): string => readFileSync(join(ROOT_DIR, path), "utf8");

it("all Dockerfiles are found", () => {
  expect(dockerfiles).toEqual(["broker/relay/Dockerfile", "deploy/trial/Dockerfile", "worker/node/Dockerfile"]);
});

describe.each(dockerfiles)("%s", (path) => {
  const text = read(path);

  it("is valid", () => {
    expect(validate(text).map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  it("has a fixed version of its base image", () => {
    const images = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image = ""]) => image);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((image) => !/:\d+\.\d+/.test(image))).toEqual([]);
  });

  it("copies files that exist in the repository", () => {
    const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = ""]) => list.split(" "));
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !existsSync(join(ROOT_DIR, source)))).toEqual([]);
  });
});
