/**
 * Reads wrangler.toml as it is, without the defaults of wrangler. Not with wrangler's own function: loading wrangler takes more
 * than a second, which each command would wait for.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import * as z from "zod";
import { StackError } from "./stack-error.ts";
import { ROOT_DIR } from "./state-dir.ts";

/** The configuration of this clone. */
export const WRANGLER_TOML = join(ROOT_DIR, "wrangler.toml");
/** The program of wrangler, for Node.js. */
export const WRANGLER = join(ROOT_DIR, "node_modules", "wrangler", "bin", "wrangler.js");

const bindingSchema = z.looseObject({ binding: z.string(), id: z.string().optional() });

const configSchema = z.looseObject({
  name: z.string(),
  main: z.string().optional(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  minify: z.boolean().optional(),
  keep_names: z.boolean().optional(),
  limits: z.looseObject({ cpu_ms: z.number().optional() }).optional(),
  build: z.looseObject({ command: z.string().optional() }).optional(),
  assets: z
    .looseObject({
      directory: z.string().optional(),
      run_worker_first: z.union([z.boolean(), z.array(z.string())]).optional(),
    })
    .optional(),
  kv_namespaces: z.array(bindingSchema).default([]),
  vpc_services: z.array(bindingSchema).default([]),
  mtls_certificates: z.array(bindingSchema).default([]),
  ratelimits: z
    .array(
      z.looseObject({
        name: z.string(),
        namespace_id: z.string(),
        simple: z.object({ limit: z.number(), period: z.literal([10, 60]) }).optional(),
      }),
    )
    .default([]),
  vars: z.record(z.string(), z.json()).default({}),
  triggers: z.looseObject({ crons: z.array(z.string()).default([]) }).optional(),
  secrets: z.looseObject({ required: z.array(z.string()).default([]) }).optional(),
  observability: z
    .looseObject({
      enabled: z.boolean().optional(),
      logs: z.looseObject({ invocation_logs: z.boolean().optional() }).optional(),
    })
    .optional(),
});

export type WranglerConfig = z.output<typeof configSchema>;

/** wrangler accepts TOML and JSON. */
const parseFile = (path: string, text: string): unknown => (path.endsWith(".json") ? JSON.parse(text) : parse(text));

/** Throws a {@link StackError} if the file is missing or malformed. */
export const readWranglerConfig = (path: string): WranglerConfig => {
  try {
    return configSchema.parse(parseFile(path, readFileSync(path, "utf8")));
  } catch (error) {
    const detail =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : "unreadable";
    throw new StackError(`${path} cannot be read: ${detail}`);
  }
};

/** The name that wrangler gives to a KV namespace which it creates for a binding. */
export const toNamespaceTitle = ({ name }: WranglerConfig, binding: string): string =>
  `${name}-${binding.toLowerCase().replaceAll("_", "-")}`;
