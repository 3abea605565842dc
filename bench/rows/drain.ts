/** How fast a backlog drains, relative to the bulk API of OpenSearch and to other programs. */
import type { Row } from "../row.ts";
import { toFigure, type Mark } from "../support/figure.ts";

const OF_CEILING_ONE = 0.65;
const OF_CEILING_FIFTY = 0.9;

/** The throughput relative to other programs. */
const TIMES_PEER: Readonly<Record<string, Mark>> = { telegraf: { atLeast: 1.6 }, "node-red": { atLeast: 1 } };

export const drain: Row = {
  name: "drain",
  summary: "throughput from the broker until searchable, compared with the bulk API of OpenSearch",
  run: async ({ drainRounds }) => {
    const { rounds, configurations, skipped } = await drainRounds();
    const ceilings = rounds.map(({ ceiling }) => ceiling.eventsPerSecond);
    const one = rounds.map(({ oneEvent }) => oneEvent.eventsPerSecond);
    const fifty = rounds.map(({ fiftyEvents }) => fiftyEvents.eventsPerSecond);
    const ofCeiling = (rates: readonly number[]): readonly number[] =>
      rates.map((rate, i) => rate / (ceilings[i] ?? Number.NaN));
    const unit = "events/s";
    const peers = [...configurations].flatMap(([name, configuration]) => {
      const rates = rounds.map((round) => round.peers.get(name)?.eventsPerSecond ?? Number.NaN);
      const mark = TIMES_PEER[name];
      return [
        toFigure(rates, { name: `${name}, 1 event a message`, unit, note: configuration }),
        toFigure(
          one.map((rate, i) => rate / (rates[i] ?? Number.NaN)),
          { name: `edgelog, 1 event a message, of ${name}`, unit: "ratio", ...(mark === undefined ? {} : { mark }) },
        ),
      ];
    });
    return {
      figures: [
        toFigure(ceilings, { name: "ceiling: the bulk API with our documents", unit }),
        toFigure(one, { name: "1 event a message", unit }),
        toFigure(fifty, { name: "50 events a message", unit }),
        toFigure(ofCeiling(one), {
          name: "1 event a message, of the ceiling",
          unit: "ratio",
          mark: { atLeast: OF_CEILING_ONE },
        }),
        toFigure(ofCeiling(fifty), {
          name: "50 events a message, of the ceiling",
          unit: "ratio",
          mark: { atLeast: OF_CEILING_FIFTY },
        }),
        ...peers,
      ],
      skipped,
    };
  },
};
