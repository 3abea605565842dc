/** Counts the events of one client in OpenSearch. */
import type { ChaosStack } from "./chaos-stack.ts";
import type { Tally } from "./row.ts";
import type { Sender } from "./senders.ts";
import { countRejected, readStored } from "./stored-events.ts";

export const readTally = async (
  chaos: ChaosStack,
  { client, prefix, sent }: Pick<Sender, "client" | "prefix" | "sent">,
): Promise<Tally> => ({
  sent,
  ...(await readStored(chaos, prefix)),
  rejected: await countRejected(chaos, prefix),
  settled: client.countSettled?.(),
});
