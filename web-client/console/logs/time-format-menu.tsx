import type { JSX } from "preact";
import { Menu } from "../components/menu.tsx";
import { setRelativeTimes, setTimeZone, areTimesRelative, timeZone } from "../lib/format-time.ts";

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Selects time zone and format of times. */
export const TimeFormatMenu = (): JSX.Element => (
  <Menu
    title={
      timeZone.value === "utc" ? (
        "UTC"
      ) : (
        <span>
          Local<span class="for-desktop"> time</span>
        </span>
      )
    }
  >
    <label>
      <input type="radio" name="zone" checked={timeZone.value === "local"} onChange={() => setTimeZone("local")} />
      Local time ({LOCAL_ZONE})
    </label>
    <label>
      <input type="radio" name="zone" checked={timeZone.value === "utc"} onChange={() => setTimeZone("utc")} />
      UTC
    </label>
    <label>
      <input
        type="checkbox"
        checked={areTimesRelative.value}
        onChange={({ currentTarget: { checked } }) => setRelativeTimes(checked)}
      />
      Relative times
    </label>
  </Menu>
);
