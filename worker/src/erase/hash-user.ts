/** Erasures store users as hashes. Synchronous, because they are used while events are planned. */
import { createHash } from "node:crypto";

/** The hash of a user of an app in erasures of earlier versions, which had one for each app. */
export const hashUserOfApp = (app: string, user: string): string =>
  createHash("sha256").update(`${app}\n${user}`).digest("hex");

/** The hash of a user in all apps. */
export const hashUser = (user: string): string => hashUserOfApp("", user);
