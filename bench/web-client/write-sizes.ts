/**
 * Writes the table of sizes to web-client/README.md, between its two markers.
 */
import { readFile, writeFile } from "node:fs/promises";

const README = new URL("../../web-client/README.md", import.meta.url);
const BEGIN = "<!-- sizes: written by npm run bench:web-client -- --sizes --write -->";
const END = "<!-- /sizes -->";

export const writeSizes = async (table: string): Promise<void> => {
  const text = await readFile(README, "utf8");
  const [before, after] = [text.split(BEGIN)[0], text.split(END)[1]];
  if (before === undefined || after === undefined || before === text) throw new Error(`The README lacks ${BEGIN}`);
  await writeFile(README, `${before}${BEGIN}\n${table}\n${END}${after}`);
};
