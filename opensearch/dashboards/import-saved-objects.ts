/**
 * Imports the saved objects into OpenSearch Dashboards. What is there under the same ids is replaced; nothing else is
 * touched. User and password may stand in the URL.
 */
import { toSavedObjectsFile } from "./saved-objects.ts";

interface ImportAnswer {
  readonly success?: boolean;
  readonly successCount?: number;
  readonly errors?: readonly { readonly id: string; readonly error: { readonly type: string } }[];
}

/** Returns how many there are. Throws when Dashboards refuses one. */
export const importSavedObjects = async (dashboardsUrl: string): Promise<number> => {
  const url = new URL(dashboardsUrl);
  const { username, password } = url;
  [url.username, url.password] = ["", ""];
  const form = new FormData();
  form.set("file", new Blob([toSavedObjectsFile()], { type: "application/ndjson" }), "edgelog.ndjson");
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${url.href.replace(/\/$/, "")}/api/saved_objects/_import?overwrite=true`, {
    method: "POST",
    body: form,
    headers: {
      // Dashboards takes no request of a program without it.
      "osd-xsrf": "true",
      ...(username === "" ? {} : { Authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    },
  });
  const answer = (await response.json().catch(() => ({}))) as ImportAnswer;
  if (!response.ok || answer.success !== true) {
    const refused = (answer.errors ?? []).map(({ id, error }) => `${id} (${error.type})`).join(", ");
    throw new Error(
      `OpenSearch Dashboards answered ${response.status} to the import${refused === "" ? "" : `: ${refused}`}`,
    );
  }
  return answer.successCount ?? 0;
};
