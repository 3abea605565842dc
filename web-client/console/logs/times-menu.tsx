import type { JSX } from "preact";
import { Menu } from "../parts/menu.tsx";
import { chooseRelative, chooseZone, isRelative, zone } from "../parts/times.ts";

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How times are written. */
export const TimesMenu = (): JSX.Element => (
  <Menu title={zone.value === "utc" ? "UTC" : "Local time"}>
    <label>
      <input type="radio" name="zone" checked={zone.value === "local"} onChange={() => chooseZone("local")} />
      Local time ({LOCAL_ZONE})
    </label>
    <label>
      <input type="radio" name="zone" checked={zone.value === "utc"} onChange={() => chooseZone("utc")} />
      UTC
    </label>
    <label>
      <input
        type="checkbox"
        checked={isRelative.value}
        onChange={({ currentTarget: { checked } }) => chooseRelative(checked)}
      />
      As a distance from now
    </label>
  </Menu>
);
