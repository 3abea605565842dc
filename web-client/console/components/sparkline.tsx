import type { JSX } from "preact";

interface SparklineProps {
  /** Counts per equal interval of the time range, oldest first. */
  readonly counts: readonly number[];
}

const BAR_WIDTH = 4;
const HEIGHT = 22;

/** A small bar chart of counts over the time range. */
export const Sparkline = ({ counts }: SparklineProps): JSX.Element => {
  const most = Math.max(...counts, 1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${counts.length * BAR_WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Counts over the time range: ${counts.join(", ")}`}
    >
      {counts.map((count, index) => {
        const height = count === 0 ? 1 : Math.max((count / most) * HEIGHT, 2);
        return (
          <rect
            key={index}
            x={index * BAR_WIDTH}
            y={HEIGHT - height}
            width={BAR_WIDTH - 1}
            height={height}
            data-empty={count === 0}
          />
        );
      })}
    </svg>
  );
};
