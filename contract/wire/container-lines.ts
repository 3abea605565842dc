/**
 * Lines of containers, in the formats of CRI and of Docker's json-file: joins the lines that belong to one event. Pure.
 */
import type { ListedItem } from "./dialect.ts";
import { CRI_PATTERN, isContinuation } from "./line-formats.ts";

/** Docker cuts a line into parts of this many bytes. Only the last part has a line end. */
const DOCKER_PART_BYTES = 16_384;

/** A line of a container, or a part of one. */
interface ContainerLine {
  /** Lines of different streams can be mixed. */
  readonly stream: string;
  readonly text: string;
  /** Whether the next line of the stream continues this line. */
  readonly isPart: boolean;
}

/** Lines of a stream that may continue. */
interface OpenLines {
  /** Position in the result. */
  readonly index: number;
  readonly first: string;
  readonly line: ContainerLine;
}

const toCriLine = (text: string): ContainerLine | undefined => {
  const [, , stream, tag, own = ""] = CRI_PATTERN.exec(text) ?? [];
  return stream === undefined ? undefined : { stream: `cri ${stream}`, text: own, isPart: tag === "P" };
};

const toDockerLine = (log: unknown, stream: unknown): ContainerLine | undefined => {
  if (typeof log !== "string" || typeof stream !== "string") return undefined;
  const text = log.replace(/\r?\n$/, "");
  const isPart = text === log && new TextEncoder().encode(log).byteLength >= DOCKER_PART_BYTES;
  return { stream: `docker ${stream}`, text, isPart };
};

const toContainerLine = (item: ListedItem): ContainerLine | undefined => {
  if (!item.ok) return undefined;
  if (item.input === "text" && item.dialect === "cri") return toCriLine(item.text);
  if (item.input === "object" && item.dialect === "docker")
    return toDockerLine(item.object["log"], item.object["stream"]);
  return undefined;
};

/** An indented line after a line of JSON does not belong to it. */
const mayContinue = (first: string): boolean => !/^\s*[{[]/.test(first);

/** Adds a line to the item of the lines before it. Both are lines of the same format. */
const append = (item: ListedItem | undefined, next: ListedItem): ListedItem => {
  if (item?.ok !== true || !next.ok) return next;
  if (item.input === "text" && next.input === "text") return { ...item, text: `${item.text}\n${next.text}` };
  if (item.input !== "object" || next.input !== "object") return next;
  return { ...item, object: { ...item.object, log: `${String(item.object["log"])}${String(next.object["log"])}` } };
};

/**
 * Joins the parts of each line of a container, and the lines of a stack trace to the line before them. The event has the time of
 * its first line.
 */
export const joinContainerLines = (items: readonly ListedItem[]): readonly ListedItem[] => {
  const joined: ListedItem[] = [];
  const open = new Map<string, OpenLines>();
  for (const item of items) {
    const line = toContainerLine(item);
    if (line === undefined) {
      open.clear();
      joined.push(item);
      continue;
    }
    const before = open.get(line.stream);
    const last = before?.line.text ?? "";
    const continues =
      before !== undefined &&
      (before.line.isPart || (mayContinue(before.first) && isContinuation(line.text, { first: before.first, last })));
    if (continues) joined[before.index] = append(joined[before.index], item);
    else joined.push(item);
    const { index, first } = continues ? before : { index: joined.length - 1, first: line.text };
    open.set(line.stream, { index, first, line });
  }
  return joined;
};
