/**
 * What a relay that is stopped tells the next one: the stamps of messages that the broker will deliver again. With
 * them an event without an id of its own keeps the id it had, should the Worker have stored it after all.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";

const handedMessageSchema = z.object({
  messageId: z.int().min(1).max(65_535),
  id: z.uuid(),
  topic: z.string(),
  digest: z.string(),
  arrivedAtMs: z.int(),
});

export type HandedMessage = z.output<typeof handedMessageSchema>;

/** Whole or not at all. Topics name clients: for nobody else to read. */
export const writeHandover = async (path: string, messages: readonly HandedMessage[]): Promise<void> => {
  const unfinished = `${path}.new`;
  await writeFile(unfinished, JSON.stringify(messages), { mode: 0o600 });
  await rename(unfinished, path);
};

/** Takes it away, because it is true for the next connection only. Rejects when it is there and can't be read. */
export const takeHandover = async (path: string): Promise<readonly HandedMessage[]> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  await rm(path, { force: true });
  return z.array(handedMessageSchema).parse(JSON.parse(text));
};
