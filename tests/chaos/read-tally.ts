/** What became of the events of one client. */
import type { ChaosStack } from "./chaos-stack.ts";
import type { Tally } from "./row.ts";
import type { Sender } from "./senders.ts";
import { countRejected, readStored } from "./stored-events.ts";

export const readTally = async (
  line: ChaosStack,
  { client, prefix, handedOver }: Pick<Sender, "client" | "prefix" | "handedOver">,
): Promise<Tally> => ({
  handedOver,
  ...(await readStored(line, prefix)),
  rejected: await countRejected(line, prefix),
  accountedFor: client.accountedFor?.(),
});
