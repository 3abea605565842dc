/** Erasures store users as hashes. Synchronous, because it is used while events are planned. */
import { createHash } from "node:crypto";

export const hashUser = (app: string, user: string): string =>
  createHash("sha256").update(`${app}\n${user}`).digest("hex");
