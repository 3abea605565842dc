import type { JSX } from "preact";
import type { OverviewResponse } from "#contract/api/statistics.ts";
import { formatCount } from "../lib/format-number.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";
import "./places-panel.css";

type Place = OverviewResponse["places"][number];

const LISTED = 5;
const STEP_DEGREES = 30;
const MERIDIANS = Array.from({ length: 11 }, (_, i) => (i - 5) * STEP_DEGREES);
const PARALLELS = Array.from({ length: 5 }, (_, i) => (i - 2) * STEP_DEGREES);
/** Degrees, of the dot of the place with the most logs. */
const MOST_RADIUS = 9;
const LEAST_RADIUS = 1.8;

const toSide = (degrees: number, [plus, minus]: readonly [string, string]): string =>
  `${Math.abs(degrees).toFixed(1)}° ${degrees < 0 ? minus : plus}`;

const toName = ({ lat, lon }: Place): string => `${toSide(lat, ["N", "S"])}, ${toSide(lon, ["E", "W"])}`;

/** One degree of longitude is as wide as one of latitude is high: the map needs no library and no coast lines. */
const PlaceMap = ({ places }: { readonly places: readonly Place[] }): JSX.Element => {
  const most = Math.max(...places.map(({ count }) => count), 1);
  return (
    <svg class="places-map" viewBox="-180 -90 360 180" role="img" aria-label={`Map with ${places.length} places`}>
      <g class="places-grid">
        {MERIDIANS.map((lon) => (
          <line key={lon} x1={lon} x2={lon} y1={-90} y2={90} data-axis={lon === 0} />
        ))}
        {PARALLELS.map((lat) => (
          <line key={lat} x1={-180} x2={180} y1={lat} y2={lat} data-axis={lat === 0} />
        ))}
      </g>
      {/* Small dots last, so that none is covered. */}
      {places.map((place) => (
        <circle
          key={toName(place)}
          cx={place.lon}
          cy={-place.lat}
          r={Math.max(Math.sqrt(place.count / most) * MOST_RADIUS, LEAST_RADIUS)}
          data-tone={place.errors > 0 ? "error" : undefined}
        >
          <title>{`${toName(place)}: ${formatCount(place.count)} logs, ${formatCount(place.errors)} errors`}</title>
        </circle>
      ))}
    </svg>
  );
};

/** Where logs come from that say a place. */
export const PlacesPanel = ({ places }: { readonly places: readonly Place[] | undefined }): JSX.Element => (
  <Panel title="Places" size="half" aside={<span class="panel-hint">equator and Greenwich cross in the middle</span>}>
    {places === undefined ? (
      <PanelSkeleton lines={8} />
    ) : places.length === 0 ? (
      <p class="panel-empty">No log says a place.</p>
    ) : (
      <div class="places">
        <PlaceMap places={places} />
        <ValueTable
          head="Middle of the place"
          hasErrors
          rows={places.slice(0, LISTED).map((place) => ({
            key: toName(place),
            label: toName(place),
            count: place.count,
            errors: place.errors,
          }))}
        />
      </div>
    )}
  </Panel>
);
