/**
 * The key of a log in the console: the id of its event and its app, because two apps may store events with the same id.
 */
import type { SearchHit } from "#contract/api/search.ts";

/** The key, such as `0198c1d2-7b3e-7c4f-8a5b-6d7e8f901234.shop`. */
export const toLogKey = ({ id, document }: SearchHit): string => {
  const app = document.edgelog?.app;
  return app === undefined ? id : `${id}.${app}`;
};

/** The reverse of {@link toLogKey}. Links of older versions have only an id: `app` is then `undefined`. */
export const parseLogKey = (key: string): { readonly id: string; readonly app: string | undefined } => {
  const [id = "", ...app] = key.split(".");
  return { id, app: app.length === 0 ? undefined : app.join(".") };
};
