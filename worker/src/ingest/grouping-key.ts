/**
 * Computes the key that groups occurrences of one error. Ids, numbers, build hashes and line numbers do not change it.
 * Stored as `error.grouping_key`, the ECS field. Pure.
 */
import { uuidFromText } from "./uuid-from-text.ts";

/** Frames used for the key. Enough to separate errors; few enough that a new outer caller does not create a new group. */
const TOP_FRAMES = 5;

/** Characters of a stack trace or message used for the key. Bounds the time that the patterns below take. */
const MAX_INPUT_LENGTH = 4_096;

/** Characters of a frame used for the key. The time of some patterns grows with the square of the length. */
const MAX_FRAME_LENGTH = 512;

/** A constant random UUID: the namespace of the version 5 UUIDs used as keys. */
const NAMESPACE = "5b0c4f0e-7a0e-4d0c-9c54-0d6f1f0f8a11";

/** Stack frames of V8, Java (`at …`), Dart (`#0 …`), Python (`File "…`), and Firefox and Safari (`name@url:line`). */
const FRAME = /^\s*(?:at\s+|#\d+\s+|File\s+"|[^\s@]*@\S+:\d)/;

/** Replaces the variable parts of a message (ids, URLs, e-mail addresses, numbers) with placeholders. */
export const normaliseMessage = (message: string): string =>
  message
    .slice(0, MAX_INPUT_LENGTH)
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<uuid>")
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]+/gi, "<url>")
    .replaceAll(/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g, "<email>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+(?:[.,:]\d+)*/g, "<n>")
    .replaceAll(/\s+/g, " ")
    .trim();

/** A name of letters only is a word unless both cases are mixed as no word is: `Settings` and `SETTINGS` may be words. */
const isHash = (text: string): boolean =>
  /[\d_]/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text.slice(1))) || /^[a-f]+$/.test(text);

const VITE_HASH_LENGTH = 8;

/** The hash that bundlers add to a file name: `cart-BBhnYwcV.js` (Vite), `main.3f2a9c1b.chunk.js` (webpack). */
const removeFileHash = (path: string): string =>
  path.replaceAll(/([-.])([0-9A-Za-z_-]{6,64})(?=(?:\.\w{1,16}){1,3}(?![\w.]))/g, (whole, _, name: string) => {
    // A hash of Vite has eight characters and may contain hyphens, as may the name before it.
    if (!name.includes("-") || name.length === VITE_HASH_LENGTH) return isHash(name) ? "" : whole;
    const isAfterHyphen = name.at(-VITE_HASH_LENGTH - 1) === "-";
    return isAfterHyphen && isHash(name.slice(-VITE_HASH_LENGTH)) ? whole.slice(0, -VITE_HASH_LENGTH - 1) : whole;
  });

/** Directories whose names change with each build or release. */
const removeBuildDirectories = (path: string): string =>
  path
    // Next.js: /_next/static/BUILD_ID/…, /_next/data/BUILD_ID/…
    .replaceAll(/(\/_next\/(?:static|data)\/)(?!chunks\/|css\/|media\/|development\/)[\w-]{6,64}(?=\/)/g, "$1")
    // /v1.4.1/, /1.4.1-rc.1/, /release-1.4/, /build-123/, /20261128120000/, and the hash of a commit
    .replaceAll(/\/(?:v|release-?|build-?|r)?\d+(?:[.-]\d+)*(?:[-+](?:rc|beta|alpha|snapshot)[\w.]*)?(?=\/)/gi, "")
    .replaceAll(/\/(?=[0-9a-f]*\d)[0-9a-f]{7,64}(?=\/)/g, "")
    // Packages of a CDN or of pnpm: react@18.3.1, and files such as app-1.4.1.js
    .replaceAll(/@v?\d+(?:\.\d+)+(?:-[\w.]+)?/g, "")
    .replaceAll(/[-_]v?\d+(?:\.\d+)+(?=[._/-])/g, "")
    // iOS and Android: the directory of the installed app
    .replaceAll(/\/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?=\/)/gi, "")
    .replaceAll(/\/~~[\w=-]+|(?<=\/[\w.]{1,128})-[\w=-]{20,64}==(?=\/)/g, "");

/** Names that the Java virtual machine or Dart's compiler number. */
const removeGeneratedNumbers = (frame: string): string =>
  frame
    .replaceAll(
      /(\$\$Lambda|GeneratedMethodAccessor|GeneratedConstructorAccessor|\$Proxy|\$\$\w*CGLIB\$\$)[\w$/]*/g,
      "$1",
    )
    .replaceAll(/(lambda\$\w+\$)\d+/g, "$1")
    .replaceAll(/\b(abs|virt) [0-9a-f]+/g, "$1")
    .replaceAll(/\+?0x[0-9a-f]+/gi, "");

/** Removes origin, build, version, query string, line and column from a frame. */
const normaliseFrame = (frame: string): string =>
  removeGeneratedNumbers(
    removeFileHash(
      removeBuildDirectories(
        frame
          .trim()
          .replaceAll(/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^/\s)]*/gi, "")
          .replaceAll(/[?#][^\s:)]*/g, ""),
      ),
    )
      .replaceAll(/(?::\d+)+/g, "")
      .replaceAll(/\bline \d+/g, "line")
      .replaceAll(/^#\d+/g, "#"),
  );

const toFrames = (trace: string): readonly string[] =>
  trace
    .split("\n")
    .map((line) => line.slice(0, MAX_FRAME_LENGTH))
    .filter((line) => FRAME.test(line))
    .slice(0, TOP_FRAMES)
    .map(normaliseFrame);

/** Computes from the start of a text, and remembers the last result: the events of a payload can share a trace or a message. */
const rememberLast = <T>(compute: (text: string) => T): ((text: string) => T) => {
  let last: { readonly text: string; readonly result: T } | undefined;
  return (whole) => {
    const text = whole.slice(0, MAX_INPUT_LENGTH);
    if (last?.text !== text) last = { text, result: compute(text) };
    return last.result;
  };
};

const framesOf = rememberLast(toFrames);
const normalisedOf = rememberLast(normaliseMessage);

/** Keys of recent texts, because errors repeat. The result does not depend on it. */
const recentKeys = new Map<string, string>();
const MAX_RECENT_KEYS = 500;
const MAX_RECENT_LENGTH = 1_024;

const toKey = (text: string): string => {
  const recent = recentKeys.get(text);
  if (recent !== undefined) return recent;
  const key = uuidFromText(text, NAMESPACE);
  if (text.length > MAX_RECENT_LENGTH) return key;
  if (recentKeys.size >= MAX_RECENT_KEYS) recentKeys.clear();
  recentKeys.set(text, key);
  return key;
};

/** The fields of an error that the key is computed from. */
export interface GroupableError {
  readonly body: string;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly stacktrace?: string | undefined;
}

/**
 * Returns a UUID computed from the type and the top stack frames. Without frames it uses the message, or the body, instead:
 * a message can contain user input, which would split one error into many groups.
 */
export const toGroupingKey = ({ body, type = "", message, stacktrace = "" }: GroupableError): string => {
  const frames = framesOf(stacktrace);
  const lines = frames.length > 0 ? frames : [normalisedOf(message ?? body)];
  return toKey([type, ...lines].join("\n"));
};
