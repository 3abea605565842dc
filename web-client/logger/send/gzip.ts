import { canGzip } from "../platform.ts";

/** Below this length compression takes more time than it saves. */
const MIN_GZIP_LENGTH = 1_024;

/** Whether a text is long enough to compress, and the host can compress it. */
export const isWorthGzip = (text: string): boolean => text.length > MIN_GZIP_LENGTH && canGzip();
