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
  /** Whether lines that are indented, a cause or an error belong to them. */
  readonly mayContinue: boolean;
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
const isContinuable = (first: string): boolean => !/^\s*[{[]/.test(first);

/** The text of a line as it is sent, with the frame of CRI. Empty for an item that is not a line of a container. */
const toSent = (item: ListedItem): string => {
  const sent = !item.ok || item.input === "value" ? "" : item.input === "text" ? item.text : item.object["log"];
  return typeof sent === "string" ? sent : "";
};

/** The item of several lines of the same format, with the fields of the first. */
const join = (first: ListedItem, texts: readonly string[]): ListedItem => {
  if (!first.ok || first.input === "value") return first;
  if (first.input === "text") return { ...first, text: texts.join("\n") };
  return { ...first, object: { ...first.object, log: texts.join("") } };
};

/**
 * Joins the parts of each line of a container, and the lines of a stack trace to the line before them. The event has the time of
 * its first line.
 */
export const joinContainerLines = (items: readonly ListedItem[]): readonly ListedItem[] => {
  const events: { readonly first: ListedItem; readonly texts: string[] }[] = [];
  const open = new Map<string, OpenLines>();
  for (const item of items) {
    const line = toContainerLine(item);
    const before = line === undefined ? undefined : open.get(line.stream);
    const last = before?.line.text ?? "";
    const continues =
      line !== undefined &&
      before !== undefined &&
      (before.line.isPart || (before.mayContinue && isContinuation(line.text, { first: before.first, last })));
    if (continues) events[before.index]?.texts.push(toSent(item));
    else events.push({ first: item, texts: [toSent(item)] });
    if (line === undefined) open.clear();
    else if (continues) open.set(line.stream, { ...before, line });
    else {
      const { text } = line;
      open.set(line.stream, { index: events.length - 1, first: text, mayContinue: isContinuable(text), line });
    }
  }
  // The lines of an event are joined once: each may have thousands of lines, and each object thousands of members.
  return events.map(({ first, texts }) => (texts.length === 1 ? first : join(first, texts)));
};
