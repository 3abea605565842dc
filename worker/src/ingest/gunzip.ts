/** Decompresses a payload that is gzip. */
import { gunzipSync } from "node:zlib";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { fail, ok, type Result } from "./result.ts";

/** Fails with `broken_gzip`, and with `too_large` above {@link MAX_MESSAGE_BYTES} bytes after decompression. */
export const gunzip = (payload: Uint8Array): Result<Uint8Array> => {
  try {
    return ok(gunzipSync(payload, { maxOutputLength: MAX_MESSAGE_BYTES }));
  } catch (error) {
    // Both workerd and Node throw a RangeError at maxOutputLength; the code of the error differs. Malformed data throws other errors.
    if (!(error instanceof RangeError)) {
      return fail({ reason: "broken_gzip", message: "The payload starts with a gzip header but is not valid gzip." });
    }
    return fail({
      reason: "too_large",
      message: `The payload is larger than ${MAX_MESSAGE_BYTES} bytes after decompression.`,
      field: "payload",
      limit: MAX_MESSAGE_BYTES,
    });
  }
};
