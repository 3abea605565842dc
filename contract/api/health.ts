/**
 * `GET /healthz` of the Worker: whether logs can be stored and searched, without credentials. It names no app and no host.
 *
 * @example
 * ```json
 * { "status": "degraded", "opensearch": "up", "cluster": "red", "checkedAt": "2026-11-28T12:00:00.000Z",
 *   "problems": [{ "code": "index_red", "message": "No copy of logs-30d-2026.11.28 is available.",
 *                  "indices": ["logs-30d-2026.11.28"] }] }
 * ```
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

/** The kinds of problems. The union is closed: add a new code here first. */
export const HEALTH_PROBLEMS = {
  opensearch_unavailable: "OpenSearch does not respond, or has no cluster manager. No log is stored.",
  cluster_blocked: "The whole cluster is read-only.",
  index_creation_blocked:
    "OpenSearch refuses requests to create an index, usually because its disks are above 90 % (high watermark). Logs are stored.",
  index_red: "Indices without an available primary shard. Their logs are neither stored nor found.",
  index_closed: "Closed indices. Their logs are neither stored nor found.",
  disk_full: "Indices that are read-only because a disk is full (flood stage). Their logs are not stored.",
  index_blocked: "Indices that are read-only. Their logs are not stored.",
  apps_missing: "The KV namespace APPS has no app.",
  apps_unreadable: "The KV namespace APPS cannot be read.",
  clock_skew: "The clocks of the Worker and of OpenSearch differ. On one host, no log is stored.",
  templates_missing: "OpenSearch does not have the index templates of logs. No log is stored.",
  quota_warning: "Apps that have used more than 80 % of their quota of the day.",
} as const satisfies Record<string, string>;

/** The code of a problem. */
export type HealthProblemCode = keyof typeof HEALTH_PROBLEMS;

const CODES = Object.keys(HEALTH_PROBLEMS) as readonly HealthProblemCode[];

export const healthSchema = z
  .object({
    status: z.enum(["ok", "degraded", "down"]).meta({
      description:
        "`down`: no log can be stored. `degraded`: there are other problems. `ok`: there are none, or `quota_warning` only.",
    }),
    opensearch: z.enum(["up", "down"]),
    cluster: z.enum(["green", "yellow", "red"]).exactOptional().meta({
      description:
        "State of edgelog's indices. `yellow`: without replicas, which is normal for a single node. Absent if OpenSearch is down.",
    }),
    checkedAt: z.iso.datetime().meta({ description: "Time of the check. A result is returned for 10 seconds." }),
    problems: z.array(
      z.object({
        code: z.enum(CODES).meta({
          description: CODES.map((code) => `\`${code}\`: ${HEALTH_PROBLEMS[code]}`).join(" "),
        }),
        message: z.string().meta({ description: "The cause and its effect, in one or two sentences." }),
        indices: z.array(z.string()).exactOptional().meta({ description: "Names of the indices, at most 20." }),
      }),
    ),
  })
  .meta({ id: "Health" });

/** Response of `GET /healthz`. */
export type Health = Immutable<z.output<typeof healthSchema>>;

/** One problem of a {@link Health}. */
export type HealthProblem = Health["problems"][number];
