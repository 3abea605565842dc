/** Program: writes the demo app to the local KV of the state directory in the first argument. */
import { ensureSecrets } from "../lib/secrets.ts";
import { putDemo } from "./demo.ts";
import { openLocalKv } from "./kv.ts";

const [home] = process.argv.slice(2);
if (home === undefined) throw new Error("Usage: put-demo.ts HOME");
await using kv = await openLocalKv(home);
await putDemo(kv, await ensureSecrets(home));
