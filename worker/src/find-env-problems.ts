/** Checks the Worker's variables and secrets. Also used by `npm run deploy`, outside of the Worker. */
import * as z from "zod";

const envSchema = z
  .object({
    OPENSEARCH_URL: z.url({ protocol: /^https?$/ }),
    BROKER_URL: z.url({ protocol: /^https?$/ }),
    RELAY_TOKEN: z.string().min(32),
    RELAY_TOKEN_PREVIOUS: z.string().min(32).optional(),
    TAIL_PASSWORD: z.string().min(32).optional(),
    ACCESS_CLIENT_ID: z.string().min(1).optional(),
    ACCESS_CLIENT_SECRET: z.string().min(1).optional(),
    LONG_INDICES_FROM: z.iso.date().optional(),
    RETENTION_MAX_DISK_PERCENT: z.coerce.number().min(50).max(94).optional(),
    RETENTION_MAX_BYTES: z.coerce.number().min(1).optional(),
    APP_CACHE_SECONDS: z.coerce.number().min(0).max(300).optional(),
  })
  .refine((env) => (env.ACCESS_CLIENT_ID === undefined) === (env.ACCESS_CLIENT_SECRET === undefined), {
    path: ["ACCESS_CLIENT_SECRET"],
  });

/** The names of missing or malformed settings. */
export const findEnvProblems = (env: Readonly<Record<string, unknown>>): readonly string[] => {
  const checked = envSchema.safeParse(env);
  return checked.success ? [] : [...new Set(checked.error.issues.map((issue) => issue.path.join(".")))];
};
