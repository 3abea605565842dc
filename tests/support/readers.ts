/** Creates and revokes reader tokens in the Worker's KV. */
import { readerEntry, type ReaderRecord } from "#contract/store/app-record.ts";
import type { Kv } from "../../stack/apps/kv.ts";
import { sha256 } from "../../stack/apps/records.ts";
import { createSecret } from "../../stack/lib/secrets.ts";

/** Creates a reader and returns its token. */
export const createReader = async (kv: Kv, reader: ReaderRecord): Promise<string> => {
  const token = createSecret("elr_");
  await kv.put({ [readerEntry(sha256(token))]: reader });
  return token;
};

export const removeReader = (kv: Kv, token: string): Promise<void> => kv.remove(readerEntry(sha256(token)));
