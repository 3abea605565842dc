/**
 * Writes metrics in Prometheus' text format, version 0.0.4. prom-client, which the relay uses, depends on modules of Node.js that workerd
 * lacks, and keeps state that an isolate does not have.
 */

export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Metric {
  /** Without {@link PREFIX}. */
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const PREFIX = "edgelog_worker_";

const escapeHelp = (text: string): string => text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);

const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', String.raw`\"`);

const toLine = (name: string, { labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
};

/** All metrics are gauges: they are read from the store, where a number can also become smaller. */
export const toExposition = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [
        `# HELP ${PREFIX}${name} ${escapeHelp(help)}`,
        `# TYPE ${PREFIX}${name} gauge`,
        ...samples.map((sample) => toLine(`${PREFIX}${name}`, sample)),
        "",
      ].join("\n"),
    )
    .join("");

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";
