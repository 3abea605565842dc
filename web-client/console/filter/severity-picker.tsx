import type { JSX } from "preact";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { filter, navigate, toSeverity } from "../address.ts";

/** Selects the lowest severity to show. */
export const SeverityPicker = (): JSX.Element => (
  <label class="pick">
    <span>Level</span>
    <select
      class="field"
      value={filter.value.severity}
      onChange={({ currentTarget: { value } }) => navigate({ filter: { severity: toSeverity(value) } })}
    >
      {SEVERITIES.map((name) => (
        <option key={name} value={name}>
          {name === "trace" ? "All" : name === "fatal" ? name : `${name} or higher`}
        </option>
      ))}
    </select>
  </label>
);
