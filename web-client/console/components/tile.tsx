import type { ComponentChildren, JSX } from "preact";
import type { AddressChange } from "../address.ts";
import { Link } from "./link.tsx";

interface TileProps {
  readonly label: string;
  /** `undefined` while loading. */
  readonly value: string | undefined;
  readonly note?: ComponentChildren;
  /** Link target of the value. */
  readonly to?: AddressChange;
  readonly tone?: "error" | "warn" | undefined;
}

/** A single number with its label. */
export const Tile = ({ label, value, note, to, tone }: TileProps): JSX.Element => (
  <div class="tile card" data-tone={tone}>
    <dt>{label}</dt>
    <dd>
      <span class="tile-value">
        {value === undefined ? <span class="tile-loading" /> : to === undefined ? value : <Link to={to}>{value}</Link>}
      </span>
      <span class="tile-note">{value === undefined ? " " : (note ?? " ")}</span>
    </dd>
  </div>
);
