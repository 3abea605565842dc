import type { JSX } from "preact";
import type { FacetsResponse } from "#contract/api/statistics.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { filter, navigate } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";

const APPS_REFRESH_MS = 60_000;

/** Selects the app; hidden if the reader has access to one app only. */
export const AppPicker = (): JSX.Element | null => {
  const { app } = filter.value;
  const { answer } = useFetch<FacetsResponse>("/facets?field=app&size=100&from=now-30d", {
    refreshMs: APPS_REFRESH_MS,
  });
  const known = new Set(answer?.facets[0]?.values.map(({ value }) => value));
  if (app !== "") known.add(app);
  if (known.size < 2 && app === "") return null;
  return (
    <label class="pick">
      <span>App</span>
      <select
        class="field"
        value={app}
        onChange={({ currentTarget: { value } }) => navigate({ filter: { app: value } })}
      >
        <option value="">All apps</option>
        {[...known].sort().map((id) => (
          <option key={id} value={id}>
            {visibleText(id, 64)}
          </option>
        ))}
      </select>
    </label>
  );
};
