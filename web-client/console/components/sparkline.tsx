import type { JSX } from "preact";

interface SparklineProps {
  /** Counts in equal parts of the time range, the oldest first. */
  readonly counts: readonly number[];
}

const BAR = 4;
const HEIGHT = 22;

/** How often something came over the time range. */
export const Sparkline = ({ counts }: SparklineProps): JSX.Element => {
  const most = Math.max(...counts, 1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${counts.length * BAR} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Over the time range, in ${counts.length} parts: ${counts.join(", ")}`}
    >
      {counts.map((count, part) => {
        const height = count === 0 ? 1 : Math.max((count / most) * HEIGHT, 2);
        return (
          <rect
            key={part}
            x={part * BAR}
            y={HEIGHT - height}
            width={BAR - 1}
            height={height}
            data-empty={count === 0}
          />
        );
      })}
    </svg>
  );
};
