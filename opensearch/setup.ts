/**
 * Sets up a cluster: creates or replaces edgelog's index templates. Existing indices do not change; safe to run again.
 * As a command: `OPENSEARCH_URL=… node opensearch/setup.ts`. With DASHBOARDS_URL it also imports the dashboards.
 */
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { connectOpenSearch, OpenSearchError } from "./connect.ts";
import { importSavedObjects } from "./dashboards/import-saved-objects.ts";
import { createIndexTemplates } from "./index-templates.ts";
import { runSetup } from "./run-setup.ts";

/** Earlier versions do not know the merge policy of the templates, or not the type `flat_object`. */
const MIN_VERSION = "2.11";

const REFUSED_STATUS = 400;

/** Adds the probable cause to the error of a template that is not valid for the cluster. */
const withCause = (error: unknown): unknown =>
  error instanceof OpenSearchError && error.status === REFUSED_STATUS
    ? new OpenSearchError(
        `${error.message}\nThe index templates need OpenSearch ${MIN_VERSION} or later.`,
        error.status,
      )
    : error;

/** Writes the templates; returns one line of output for each. Throws when the cluster refuses a request. */
export const setUpOpenSearch = async (url: string): Promise<string[]> => {
  await using opensearch = connectOpenSearch(url);
  const done: string[] = [];
  for (const [name, body] of Object.entries(createIndexTemplates())) {
    await opensearch.request("PUT", `/_index_template/${name}`, body).catch((error: unknown) => {
      throw withCause(error);
    });
    done.push(`index template ${name}`);
  }
  return done;
};

const main = async (): Promise<void> => {
  const { OPENSEARCH_URL: url, DASHBOARDS_URL: dashboardsUrl } = omitEmpty(process.env);
  if (url === undefined) throw new OpenSearchError("Set OPENSEARCH_URL, for instance http://127.0.0.1:9200");
  for (const line of await setUpOpenSearch(url)) console.log(`set up: ${line}`);
  if (dashboardsUrl !== undefined) console.log(`set up: ${await importSavedObjects(dashboardsUrl)} saved objects`);
};

if (import.meta.main) await runSetup(main);
