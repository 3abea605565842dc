/** The versions of OpenSearch that edgelog works with. */
import * as z from "zod";

/**
 * Earlier versions store logs, but fail or count wrongly in facets (issue 19636 of OpenSearch), and in searches for attributes with a
 * dot in their name. Versions before 2.11 refuse the index templates.
 */
export const MIN_VERSION = "3.3.2";

const clusterSchema = z.object({ version: z.object({ number: z.string(), distribution: z.string().optional() }) });

/** A cluster by its response to `GET /`. */
export interface ClusterVersion {
  readonly number: string;
  /** Why edgelog does not fully work with it, as a sentence. `undefined` for a supported version. */
  readonly problem: string | undefined;
}

const isEarlier = (number: string, minimum: string): boolean =>
  number.localeCompare(minimum, "en", { numeric: true }) < 0;

const findProblem = (number: string, distribution: string | undefined): string | undefined => {
  if (distribution !== "opensearch") return `It is not OpenSearch: edgelog needs OpenSearch ${MIN_VERSION} or later.`;
  if (!isEarlier(number, MIN_VERSION)) return undefined;
  return `edgelog needs OpenSearch ${MIN_VERSION} or later: with ${number}, facets and searches fail or find too few logs.`;
};

/** Reads the response to `GET /`. `undefined` if it is that of another server. */
export const readVersion = (body: unknown): ClusterVersion | undefined => {
  const cluster = clusterSchema.safeParse(body);
  if (!cluster.success) return undefined;
  const { number, distribution } = cluster.data.version;
  return { number, problem: findProblem(number, distribution) };
};
