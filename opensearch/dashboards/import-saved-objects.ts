/**
 * Imports the saved objects into OpenSearch Dashboards. Objects with the same ids are replaced; others do not change. The
 * URL may contain user and password.
 */
import { OpenSearchError } from "../connect.ts";
import { parseServiceUrl, toInvalidUrl } from "../parse-url.ts";
import { toSavedObjectsFile } from "./saved-objects.ts";

interface ImportResponse {
  readonly success?: boolean;
  readonly successCount?: number;
  readonly errors?: readonly { readonly id: string; readonly error: { readonly type: string } }[];
}

/** Returns the number of imported objects. Throws when Dashboards refuses one. */
export const importSavedObjects = async (dashboardsUrl: string): Promise<number> => {
  const url = parseServiceUrl(dashboardsUrl);
  if (url === undefined) throw new OpenSearchError(`${toInvalidUrl("DASHBOARDS_URL")}.`);
  const { username, password } = url;
  [url.username, url.password] = ["", ""];
  const form = new FormData();
  form.set("file", new Blob([toSavedObjectsFile()], { type: "application/ndjson" }), "edgelog.ndjson");
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${url.href.replace(/\/$/, "")}/api/saved_objects/_import?overwrite=true`, {
    method: "POST",
    body: form,
    headers: {
      // Dashboards rejects API requests without this header.
      "osd-xsrf": "true",
      ...(username === "" ? {} : { Authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    },
  });
  const result = (await response.json().catch(() => ({}))) as ImportResponse;
  if (!response.ok || result.success !== true) {
    const refused = (result.errors ?? []).map(({ id, error }) => `${id} (${error.type})`).join(", ");
    throw new OpenSearchError(
      `OpenSearch Dashboards responded with ${response.status} to the import${refused === "" ? "" : `: ${refused}`}`,
    );
  }
  return result.successCount ?? 0;
};
