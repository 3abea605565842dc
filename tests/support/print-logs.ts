/** Setup file of vitest: the first failure of a file is reported with the logs of its services. */
import { afterEach } from "vitest";
import { takeLogs } from "./service-logs.ts";

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const logs = await takeLogs();
  // A further error of the test, so that reporters print the logs, too.
  if (logs !== "") throw new Error(`The logs of the services after this failure:\n${logs}`);
});
