import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FacetsAnswer } from "../../../contract/statistics.ts";
import { useAnswer } from "../api/use-answer.ts";
import { Foreign } from "../parts/foreign.tsx";

interface AlertAppsProps {
  readonly apps: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (apps: readonly string[]) => void;
}

/** Whose logs a rule counts: apps that log, and others by their id. */
export const AlertApps = ({ apps, problem, onChange }: AlertAppsProps): JSX.Element => {
  const [other, setOther] = useState("");
  const { answer } = useAnswer<FacetsAnswer>("/facets?field=app&size=100&from=now-30d");
  const known = new Set([...(answer?.facets[0]?.values.map(({ value }) => value) ?? []), ...apps]);
  const add = (): void => {
    const id = other.trim();
    if (id !== "" && !apps.includes(id)) onChange([...apps, id]);
    setOther("");
  };
  return (
    <fieldset class="alert-apps" aria-describedby={problem === undefined ? undefined : "alert-apps-problem"}>
      <legend class="label">Apps</legend>
      {[...known].sort().map((id) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={apps.includes(id)}
            onChange={({ currentTarget: { checked } }) =>
              onChange(checked ? [...apps, id] : apps.filter((app) => app !== id))
            }
          />
          <Foreign text={id} max={64} />
        </label>
      ))}
      <input
        class="field"
        aria-label="Another app's id"
        placeholder="another app's id"
        spellcheck={false}
        value={other}
        onInput={({ currentTarget: { value } }) => setOther(value)}
        onChange={add}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
      />
      {problem !== undefined && (
        <span class="refusal" id="alert-apps-problem" role="alert">
          {problem}
        </span>
      )}
    </fieldset>
  );
};
