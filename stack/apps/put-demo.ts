/** Program: puts the demo app of the state directory named first into its local KV. */
import { ensureSecrets } from "../lib/secrets.ts";
import { putDemo } from "./demo.ts";
import { openLocalKv } from "./kv.ts";

const [home] = process.argv.slice(2);
if (home === undefined) throw new Error("usage: put-demo.ts HOME");
await using kv = await openLocalKv(home);
await putDemo(kv, await ensureSecrets(home));
