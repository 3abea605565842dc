/**
 * Lines of containers: the log format of the container runtime interface (CRI), which Kubernetes uses. A line of a container is
 * often a JSON line of a logger; it is then decoded as well.
 *
 * Source: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
import { CRI_PATTERN } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { nest } from "./intake.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

/**
 * The event in the line of a container, with the fields of the line. Its id is that of the log, because a program that logs to a
 * container may write events of edgelog. Returns `outer` if the line contains no event.
 */
export const withNested = (outer: RawEvent, nested: RawEvent | undefined): RawEvent =>
  nest(outer, nested, { keepsId: true });

/** An index, because `/[\r\n]+$/` scans a run of them from each of its characters. */
const withoutLineEnds = (text: string): string => {
  let end = text.length;
  while (end > 0 && "\r\n".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};

/**
 * Requires lines that match {@link CRI_PATTERN}: the parts of one line, or the lines of a stack trace.
 *
 * @param decodeNested Decodes a JSON line. Returns `undefined` for any other text.
 */
export const decodeCri = (text: string, decodeNested: (text: string) => RawEvent | undefined): RawEvent => {
  // The space after the tag belongs to the format, also before an empty text at the end.
  const lines = withoutLineEnds(text.trimStart());
  const parts = lines.split("\n").map((line) => CRI_PATTERN.exec(line));
  const [, time, stream] = parts[0] ?? [];
  const body = parts
    .map((part, i) => `${part?.[4] ?? ""}${part?.[3] === "P" || i === parts.length - 1 ? "" : "\n"}`)
    .join("");
  const attributes = stream === undefined ? {} : { "log.iostream": stream };
  const outer = toRawEvent("cri", { severity: undefined, time: toTime(time), body, attributes }, text);
  return withNested(outer, decodeNested(body));
};
