/** Program: writes numbered entries to a KV file until it is killed, and prints the number of each confirmed one. */
import { openKvFile } from "../../node/kv-file.ts";

const [path = "", first = "0"] = process.argv.slice(2);
const kv = openKvFile(path);
for (let n = Number(first); ; n += 1) {
  await kv.put(`entry:${n}`, JSON.stringify({ n, filler: "x".repeat(1_000) }));
  process.stdout.write(`${n}\n`);
}
