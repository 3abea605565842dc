/**
 * Sets a cluster up: index templates, and nothing that is there already is harmed. Safe to run again at any time.
 * As a command: `OPENSEARCH_URL=… node opensearch/setup.ts`; with DASHBOARDS_URL, the dashboards too.
 */
import { connectOpenSearch } from "./connect.ts";
import { importSavedObjects } from "./dashboards/import-saved-objects.ts";
import { createIndexTemplates } from "./index-templates.ts";

/** Puts the templates; returns a line on each thing it did. Throws when the cluster refuses. */
export const setUpOpenSearch = async (url: string): Promise<string[]> => {
  await using opensearch = connectOpenSearch(url);
  const done: string[] = [];
  for (const [name, body] of Object.entries(createIndexTemplates())) {
    await opensearch.ask("PUT", `/_index_template/${name}`, body);
    done.push(`index template ${name}`);
  }
  return done;
};

if (import.meta.main) {
  const url = process.env["OPENSEARCH_URL"];
  if (url === undefined) throw new Error("Set OPENSEARCH_URL, for instance http://127.0.0.1:9200");
  const dashboardsUrl = process.env["DASHBOARDS_URL"];
  for (const line of await setUpOpenSearch(url)) console.log(`set up: ${line}`);
  if (dashboardsUrl !== undefined) console.log(`set up: ${await importSavedObjects(dashboardsUrl)} saved objects`);
}
