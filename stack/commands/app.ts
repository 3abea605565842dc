/** `npm run app`: manages apps, their keys and settings. */
import { parseArgs } from "node:util";
import * as z from "zod";
import { DAY_MS } from "#contract/wire/durations.ts";
import { RATE_CLASSES, type AppRecord } from "#contract/store/app-record.ts";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";
import { APP_ID_PATTERN, mqttUserOfKey } from "#contract/wire/topics.ts";
import { StackError, formatError } from "../lib/stack-error.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { saveDemoKey } from "../apps/demo.ts";
import { findPasswordTarget, openKv, TARGET_OPTIONS } from "../apps/targets.ts";
import { createRecord, rotate, type AppSettings, type KeyChange } from "../apps/records.ts";
import { openRegistry, type Registry } from "../apps/registry.ts";

const HELP = `Usage: npm run app -- COMMAND [ID] [options]

  create ID        create an app and print its key once
  list             list all apps
  show ID          show the settings and key hashes of an app
  set ID           change the given settings
  rotate ID        create a new key; the old key stays valid for --grace-days
  disable ID       reject the app's logs over HTTP and MQTT
  enable ID        accept the app's logs again
  remove ID        delete the app; its logs are kept until their retention ends
  sync             update the broker from KV and remove expired keys; run it daily

  --origin ORIGIN     allow pages of this origin; repeatable. Wildcards: https://*.example.org and '*'.
                      Without it, only clients other than browsers can log.
  --rate CLASS        rate limit for HTTP: ${RATE_CLASSES.join(", ")}; see wrangler.toml (default: standard)
  --retention DAYS    ${RETENTION_CLASSES_DAYS.join(", ")} (default: 30). A change moves the app to other indices; an event that is
                      sent both before and after the change can be stored twice.
  --grace-days DAYS   how long the old key stays valid (default: 30); 0 revokes it immediately
  --remote            use KV on Cloudflare and the password file in broker/mosquitto/state
  --passwords FILE    use another password file of the broker`;

const MAX_GRACE_DAYS = 3_650;

const ORIGIN = /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[^\s/*?#@]+)$/;

const optionsSchema = z.object({
  origin: z.array(z.string().regex(ORIGIN, "an origin is scheme://host[:port], without a path")).optional(),
  rate: z.enum(RATE_CLASSES).optional(),
  retention: z.coerce.number().pipe(z.literal(RETENTION_CLASSES_DAYS)).optional(),
  "grace-days": z.coerce.number().min(0).max(MAX_GRACE_DAYS).default(30),
  remote: z.boolean(),
  passwords: z.string().optional(),
});

type Options = z.output<typeof optionsSchema>;

const toSettings = (options: Options, before?: AppRecord): AppSettings => ({
  origins: options.origin ?? before?.origins ?? [],
  rate: options.rate ?? before?.rate ?? "standard",
  retentionDays: options.retention ?? before?.retentionDays ?? 30,
});

const describe = (app: string, record: AppRecord): string => {
  const now = new Date().toISOString();
  const keys = record.keys.map(({ generation, hash, expiresAt }) => {
    const user = mqttUserOfKey(app, generation === 1 ? "" : `elk${generation}_`);
    const state = expiresAt === undefined ? "valid" : expiresAt > now ? `valid until ${expiresAt}` : "expired";
    return `  key ${hash.slice(0, 12)}…  MQTT user ${user}  ${state}`;
  });
  return [
    `${app}${record.disabled ? "  DISABLED" : ""}`,
    `  origins ${record.origins.join(" ") || "none"}  rate ${record.rate}  retention ${record.retentionDays} days`,
    ...keys,
  ].join("\n");
};

/** Writes the change to KV, then to the broker. */
const apply = async (registry: Registry, app: string, record: AppRecord | undefined): Promise<void> => {
  await registry.commit(app, record);
  console.log(await registry.sync(app));
};

/** Like {@link apply}, for a new key. Prints the key before the broker is updated, so an error does not hide it. */
const applyKey = async (
  registry: Registry,
  app: string,
  { record, key }: KeyChange,
  remote: boolean,
): Promise<void> => {
  await registry.commit(app, record);
  console.log(`Key of ${app} (shown only once):\n  ${key}\nMQTT user name: ${mqttUserOfKey(app, key)}`);
  if (!remote && (await saveDemoKey(defaultHome(), app, key)))
    console.log("The demo page uses it after the next start.");
  console.log(await registry.sync(app));
};

const run = async (registry: Registry, command: string, app: string, options: Options): Promise<void> => {
  switch (command) {
    case "create": {
      if (registry.apps.has(app)) {
        throw new StackError(
          `App ${app} already exists. ${await registry.sync(app)} To create a new key: rotate ${app}`,
        );
      }
      return await applyKey(registry, app, createRecord(toSettings(options)), options.remote);
    }
    case "rotate": {
      const graceMs = options["grace-days"] * DAY_MS;
      return await applyKey(registry, app, rotate(registry.find(app), graceMs, Date.now()), options.remote);
    }
    case "set": {
      const record = registry.find(app);
      return await apply(registry, app, { ...record, ...toSettings(options, record) });
    }
    case "disable":
    case "enable":
      return await apply(registry, app, { ...registry.find(app), disabled: command === "disable" });
    case "remove":
      return await apply(registry, app, undefined);
    case "show":
      return console.log(describe(app, registry.find(app)));
    case "sync":
      return console.log(await registry.sync());
    default:
      for (const [each, record] of registry.apps) console.log(describe(each, record));
      for (const name of registry.malformed)
        console.log(`${name} in KV is not a valid app record: remove or recreate the app`);
      return console.log(`${registry.apps.size} app(s)`);
  }
};

const COMMANDS = ["create", "list", "show", "set", "rotate", "disable", "enable", "remove", "sync"];
const WITHOUT_APP = ["list", "sync"];

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...TARGET_OPTIONS,
      origin: { type: "string", multiple: true },
      rate: { type: "string" },
      retention: { type: "string" },
      "grace-days": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", app = "", ...rest] = positionals;
  if (values.help || !COMMANDS.includes(command) || rest.length > 0) {
    if (values.help) return console.log(HELP);
    throw new StackError(HELP);
  }
  if (!WITHOUT_APP.includes(command) && !APP_ID_PATTERN.test(app)) {
    throw new StackError("Missing or invalid app id: use up to 64 lower-case letters, digits and inner hyphens.");
  }
  const options = optionsSchema.safeParse(values);
  if (!options.success) throw new StackError(z.prettifyError(options.error));
  await using kv = await openKv(defaultHome(), options.data);
  await run(await openRegistry(kv, findPasswordTarget(defaultHome(), options.data)), command, app, options.data);
};

try {
  await main();
} catch (error) {
  console.error(formatError(error));
  process.exitCode = 1;
}
