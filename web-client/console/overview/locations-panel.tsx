import type { JSX } from "preact";
import type { OverviewResponse } from "#contract/api/statistics.ts";
import { formatCount } from "../lib/format-number.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";
import "./locations-panel.css";

type LocationCount = OverviewResponse["places"][number];

const LISTED_LOCATIONS = 5;
const STEP_DEGREES = 30;
const MERIDIANS = Array.from({ length: 11 }, (_, i) => (i - 5) * STEP_DEGREES);
const PARALLELS = Array.from({ length: 5 }, (_, i) => (i - 2) * STEP_DEGREES);
/** Radii in degrees of the locations with the most and the fewest logs. */
const MAX_RADIUS = 9;
const MIN_RADIUS = 1.8;

const formatDegrees = (degrees: number, [plus, minus]: readonly [string, string]): string =>
  `${Math.abs(degrees).toFixed(1)}° ${degrees < 0 ? minus : plus}`;

const formatLocation = ({ lat, lon }: LocationCount): string =>
  `${formatDegrees(lat, ["N", "S"])}, ${formatDegrees(lon, ["E", "W"])}`;

/** Equirectangular map: degrees are used as coordinates, so no map library is needed. */
const LocationMap = ({ places }: { readonly places: readonly LocationCount[] }): JSX.Element => {
  const most = Math.max(...places.map(({ count }) => count), 1);
  return (
    <svg class="locations-map" viewBox="-180 -90 360 180" role="img" aria-label={`Map with ${places.length} locations`}>
      <g class="locations-grid">
        {MERIDIANS.map((lon) => (
          <line key={lon} x1={lon} x2={lon} y1={-90} y2={90} data-axis={lon === 0} />
        ))}
        {PARALLELS.map((lat) => (
          <line key={lat} x1={-180} x2={180} y1={lat} y2={lat} data-axis={lat === 0} />
        ))}
      </g>
      {/* Sorted by count: small dots are drawn last and stay visible. */}
      {places.map((place) => (
        <circle
          key={formatLocation(place)}
          cx={place.lon}
          cy={-place.lat}
          r={Math.max(Math.sqrt(place.count / most) * MAX_RADIUS, MIN_RADIUS)}
          data-tone={place.errors > 0 ? "error" : undefined}
        >
          <title>{`${formatLocation(place)}: ${formatCount(place.count)} logs, ${formatCount(place.errors)} errors`}</title>
        </circle>
      ))}
    </svg>
  );
};

/** Logs by geographic location. */
export const LocationsPanel = ({ places }: { readonly places: readonly LocationCount[] | undefined }): JSX.Element => (
  <Panel title="Locations" size="half" aside={<span class="panel-hint">Center: 0° N, 0° E</span>}>
    {places === undefined ? (
      <PanelSkeleton lines={8} />
    ) : places.length === 0 ? (
      <p class="panel-empty">No location data.</p>
    ) : (
      <div class="locations">
        <LocationMap places={places} />
        <ValueTable
          head="Area center"
          hasErrors
          rows={places.slice(0, LISTED_LOCATIONS).map((place) => ({
            key: formatLocation(place),
            label: formatLocation(place),
            count: place.count,
            errors: place.errors,
          }))}
        />
      </div>
    )}
  </Panel>
);
