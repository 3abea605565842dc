/**
 * Sets up a cluster: creates or replaces edgelog's index templates. Existing indices do not change; safe to run again.
 * As a command: `OPENSEARCH_URL=… node opensearch/setup.ts`. With DASHBOARDS_URL it also imports the dashboards.
 */
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { connectOpenSearch, OpenSearchError } from "./connect.ts";
import { importSavedObjects } from "./dashboards/import-saved-objects.ts";
import { createIndexTemplates } from "./index-templates.ts";
import { runSetup } from "./run-setup.ts";
import { MIN_VERSION, readVersion } from "./version.ts";

const REFUSED_STATUS = 400;

/** Adds the probable cause to the error of a template that is not valid for the cluster. */
const withCause = (error: unknown): unknown =>
  error instanceof OpenSearchError && error.status === REFUSED_STATUS
    ? new OpenSearchError(`${error.message}\nedgelog needs OpenSearch ${MIN_VERSION} or later.`, error.status)
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

/** The problem of the version of a cluster. `undefined` if the version is supported, or if the user may not read it. */
const findProblem = async (url: string): Promise<string | undefined> => {
  await using opensearch = connectOpenSearch(url);
  return readVersion(await opensearch.request("GET", "/").catch(() => undefined))?.problem;
};

const main = async (): Promise<void> => {
  const { OPENSEARCH_URL: url, DASHBOARDS_URL: dashboardsUrl } = omitEmpty(process.env);
  if (url === undefined) throw new OpenSearchError("Set OPENSEARCH_URL, for instance http://127.0.0.1:9200");
  for (const line of await setUpOpenSearch(url)) console.log(`set up: ${line}`);
  const problem = await findProblem(url);
  if (problem !== undefined) console.error(`Warning: ${problem}`);
  if (dashboardsUrl !== undefined) console.log(`set up: ${await importSavedObjects(dashboardsUrl)} saved objects`);
};

if (import.meta.main) await runSetup(main);
