import type { JSX } from "preact";
import type { ReaderResponse } from "#contract/api/reader.ts";
import { useFetch } from "../api/use-fetch.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";

interface AlertAppsProps {
  readonly apps: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (apps: readonly string[]) => void;
}

/** Selects the apps whose logs a rule counts, from the apps that this reader may read. */
export const AlertApps = ({ apps, problem, onChange }: AlertAppsProps): JSX.Element => {
  const { answer } = useFetch<ReaderResponse>("/reader");
  const selectable = new Set([...(answer?.apps.map(({ id }) => id) ?? []), ...apps]);
  return (
    <fieldset class="alert-apps" aria-describedby={problem === undefined ? undefined : "alert-apps-problem"}>
      <legend class="label">Apps</legend>
      {[...selectable].sort().map((id) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={apps.includes(id)}
            onChange={({ currentTarget: { checked } }) =>
              onChange(checked ? [...apps, id] : apps.filter((app) => app !== id))
            }
          />
          <UntrustedText text={id} max={64} />
        </label>
      ))}
      {problem !== undefined && (
        <span class="error-message" id="alert-apps-problem" role="alert">
          {problem}
        </span>
      )}
    </fieldset>
  );
};
