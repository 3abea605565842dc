/** Reads the outbox of a program that runs `edgelog-node`. */
import { readFile } from "node:fs/promises";

/** First words of the texts of the logs in an outbox, in their order. Empty if the file does not exist. */
export const readBodies = async (outbox: string): Promise<readonly string[]> => {
  const text = await readFile(outbox, "utf8").catch(() => "");
  return [...text.matchAll(/"body":"(\w+)/g)].map(([, body = ""]) => body);
};
