/**
 * Reads the files that exist before the relay starts.
 */
import type { RelayConfig } from "./config.ts";
import { readHandoverFile } from "./handover-file.ts";
import type { Logger } from "./logger.ts";
import { readUsers } from "./sessions.ts";
import type { RelayFiles } from "./start-relay.ts";
import { createState, readStateFile } from "./state-file.ts";

/** A file that cannot be read is logged and treated as missing. */
export const readRelayFiles = async (config: RelayConfig, logger: Logger): Promise<RelayFiles> => {
  const { handoverFile, stateFile, usersFile } = config;
  const handover =
    handoverFile === undefined
      ? {}
      : await readHandoverFile(handoverFile).catch((error: unknown) => {
          logger.error(
            { error: String(error) },
            "could not read the handover file; events without ids may be stored twice",
          );
          return {};
        });
  let isStateUnreadable = false;
  const state =
    stateFile === undefined
      ? createState()
      : await readStateFile(stateFile).catch((error: unknown) => {
          isStateUnreadable = true;
          logger.error({ error: String(error) }, "could not read the state file; lost sessions cannot be detected");
          return createState();
        });
  const users = usersFile === undefined ? undefined : await readUsers(usersFile, logger);
  return { handover, state, isStateUnreadable, users: users ?? new Map<string, string>() };
};
