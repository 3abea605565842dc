/** `npm run app`: manages apps, their keys and settings. */
import { parseArgs } from "node:util";
import * as z from "zod";
import { DAY_MS } from "#contract/wire/durations.ts";
import { RATE_CLASSES, type AppRecord } from "#contract/store/app-record.ts";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";
import { APP_ID_PATTERN, mqttUserOfGeneration, mqttUserOfKey } from "#contract/wire/topics.ts";
import { assertNoMore, runCommand, toOptions, unknownCommand } from "../lib/command-line.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { saveDemoKey } from "../apps/demo.ts";
import { exportApps, importApps } from "../apps/backup.ts";
import type { Kv } from "../apps/kv.ts";
import { NO_QUOTA, parseBytes, parseCount } from "../apps/quota.ts";
import { findBrokerTarget, isProduction, openKv, TARGET_OPTIONS } from "../apps/targets.ts";
import { createRecord, rotate, type AppSettings, type KeyChange } from "../apps/records.ts";
import { openRegistry, toMalformed, type BrokerTarget, type Registry } from "../apps/registry.ts";
import { readUsage, toUsageTable } from "../apps/usage.ts";
import { formatByteCount, pluralize } from "#contract/wire/quantity.ts";
import { print, printSecret } from "../lib/print.ts";

const HELP = `Usage: npm run app -- COMMAND [ID] [options]

  create ID        create an app and print its key once
  list             list all apps
  show ID          show the settings and key hashes of an app
  set ID           change the given settings
  rotate ID        create a new key; the old key stays valid for --grace-days
  disable ID       reject the app's logs over HTTP and MQTT
  enable ID        accept the app's logs again
  remove ID        delete the app; its logs are kept until their retention ends
  usage            show how much each app sent today (UTC); the app that sent most comes first
  sync             update the broker from KV and remove expired keys; run it daily. Fails if KV lacks an app that has
                   users at the broker; with --force, removes these users
  export FILE      write all apps and reader tokens to a file, as hashes. Fails if the file has apps that KV lacks; with --force,
                   replaces it
  import FILE      add the apps and reader tokens that KV lacks; report those that differ; with --force, replace them

  --origin ORIGIN     allow pages of this origin; repeatable. Wildcards: https://*.example.org and '*'.
                      Without it, only clients other than browsers can log.
  --rate CLASS        rate limit for HTTP: ${RATE_CLASSES.join(", ")}; see wrangler.toml (default: standard)
  --retention DAYS    ${RETENTION_CLASSES_DAYS.join(", ")} (default: 30). A change moves the app to other indices; an event that is
                      sent both before and after the change can be stored twice.
  --bytes-per-day N   quota of bytes of stored and rejected events in a UTC day, for instance 5GB; ${NO_QUOTA} removes it
  --events-per-second N  quota of events in a second; ${NO_QUOTA} removes it
  --grace-days DAYS   how long the old key stays valid (default: 30); 0 revokes it immediately
  --remote            use KV on Cloudflare and the password file in broker/mosquitto/state (or EDGELOG_PASSWORDS)
  --kv FILE           the same with the KV file of a server without Cloudflare (default: EDGELOG_KV)
  --passwords FILE    use another password file of the broker
  --relay URL         the relay's HTTP port (default: RELAY_URL, or the running local stack). A new key is valid over MQTT only
                      after the relay has a session for it. With several relays, repeat the option for each of them.
  --relay-users FILE  with several relays: the users file of the relay that gets a new app (default: relay/users). The other
                      users files are in the same folder.
  --no-relay          do not wait for the relay, if it has no users file`;

const MAX_GRACE_DAYS = 3_650;

const ORIGIN = /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[^\s/*?#@]+)$/;

const NOT_DAYS = `use a number of days from 0 to ${MAX_GRACE_DAYS}`;

const optionsSchema = z.object({
  origin: z.array(z.string().regex(ORIGIN, "write it as https://host or http://host:port, without a path")).optional(),
  rate: z.enum(RATE_CLASSES, `use one of ${RATE_CLASSES.join(", ")}`).optional(),
  retention: z.coerce
    .number()
    .pipe(z.literal(RETENTION_CLASSES_DAYS, `use one of ${RETENTION_CLASSES_DAYS.join(", ")} days`))
    .optional(),
  "bytes-per-day": z.string().optional(),
  "events-per-second": z.string().optional(),
  "grace-days": z.coerce.number(NOT_DAYS).min(0, NOT_DAYS).max(MAX_GRACE_DAYS, NOT_DAYS).default(30),
  remote: z.boolean(),
  kv: z.string().optional(),
  passwords: z.string().optional(),
  relay: z.array(z.url({ protocol: /^https?$/, error: "use a URL such as http://relay-1:9464" })).optional(),
  "relay-users": z.string().optional(),
  "no-relay": z.boolean(),
  force: z.boolean(),
});

type Options = z.output<typeof optionsSchema>;

/** The new value of a quota: from the option, or else the previous value. */
const toQuota = (
  option: string | undefined,
  before: number | undefined,
  parse: (text: string) => number,
): number | undefined => (option === undefined ? before : option === NO_QUOTA ? undefined : parse(option));

const toSettings = (options: Options, before?: AppRecord): AppSettings => {
  const bytesPerDay = toQuota(options["bytes-per-day"], before?.bytesPerDay, parseBytes);
  const eventsPerSecond = toQuota(options["events-per-second"], before?.eventsPerSecond, parseCount);
  return {
    origins: options.origin ?? before?.origins ?? [],
    rate: options.rate ?? before?.rate ?? "standard",
    retentionDays: options.retention ?? before?.retentionDays ?? 30,
    ...(bytesPerDay === undefined ? {} : { bytesPerDay }),
    ...(eventsPerSecond === undefined ? {} : { eventsPerSecond }),
  };
};

const describeQuota = ({ bytesPerDay, eventsPerSecond }: AppRecord): string => {
  const bytes = bytesPerDay === undefined ? [] : [`${formatByteCount(bytesPerDay)} per day`];
  const events = eventsPerSecond === undefined ? [] : [`${eventsPerSecond} events per second`];
  return [...bytes, ...events].join(", ") || "none";
};

const describe = (app: string, record: AppRecord): string => {
  const now = new Date().toISOString();
  const keys = record.keys.map(({ generation, hash, expiresAt }) => {
    const user = mqttUserOfGeneration(app, generation);
    const state = expiresAt === undefined ? "valid" : expiresAt > now ? `valid until ${expiresAt}` : "expired";
    return `  key ${hash.slice(0, 12)}…  MQTT user ${user}  ${state}`;
  });
  return [
    `${app}${record.disabled ? "  DISABLED" : ""}`,
    `  origins ${record.origins.join(" ") || "none"}  rate ${record.rate}  retention ${record.retentionDays} days`,
    `  quota ${describeQuota(record)}`,
    ...keys,
  ].join("\n");
};

/** Writes the change to KV, then to the broker. */
const apply = async (registry: Registry, app: string, record: AppRecord | undefined): Promise<void> => {
  await registry.commit(app, record);
  print(await registry.sync(app));
};

/** Like {@link apply}, for a new key. Prints the key before the broker is updated, so an error does not hide it. The broker is updated in any case: an old key may end. */
const applyKey = async (
  registry: Registry,
  app: string,
  { record, key }: KeyChange,
  isRemote: boolean,
): Promise<void> => {
  await registry.commit(app, record);
  try {
    await printSecret(
      `Key of ${app} (shown only once):\n  ${key}\nMQTT user name: ${mqttUserOfKey(app, key)}`,
      `Create another key: npm run app -- rotate ${app}`,
    );
    if (!isRemote && (await saveDemoKey(defaultHome(), app, key))) print("The demo page uses it after the next start.");
  } finally {
    print(await registry.sync(app));
  }
};

const run = async (registry: Registry, command: string, app: string, options: Options): Promise<void> => {
  switch (command) {
    case "create": {
      if (registry.apps.has(app)) {
        throw new StackError(
          `App ${app} already exists. ${await registry.sync(app)} To create a new key: rotate ${app}`,
        );
      }
      return await applyKey(registry, app, createRecord(toSettings(options)), isProduction(options));
    }
    case "rotate": {
      const graceMs = options["grace-days"] * DAY_MS;
      return await applyKey(registry, app, rotate(registry.find(app), graceMs, Date.now()), isProduction(options));
    }
    case "set": {
      const record = registry.find(app);
      const { keys, disabled } = record;
      return await apply(registry, app, { ...toSettings(options, record), keys, disabled });
    }
    case "disable":
    case "enable":
      return await apply(registry, app, { ...registry.find(app), disabled: command === "disable" });
    case "remove":
      if (!APP_ID_PATTERN.test(app)) {
        await registry.removeMalformed(app);
        return print(`Removed app:${app} from KV.`);
      }
      return await apply(registry, app, undefined);
    case "show":
      return print(describe(app, registry.find(app)));
    case "sync":
      return print(await registry.sync(undefined, { force: options.force }));
    default:
      for (const [each, record] of registry.apps) print(describe(each, record));
      for (const name of registry.malformed) print(toMalformed(name));
      return print(pluralize(registry.apps.size, "app"));
  }
};

const describeImport = (label: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${label}:\n${names.map((name) => `  ${name}\n`).join("")}`;

const runImport = async (kv: Kv, target: BrokerTarget, file: string, force: boolean): Promise<void> => {
  const { added, different, unchanged } = await importApps(kv, file, { force, nowMs: Date.now() });
  print(
    describeImport("Added", added) +
      describeImport(force ? "Replaced" : "Different in KV, not changed (--force replaces them)", different) +
      `${added.length} added, ${different.length} different, ${unchanged} unchanged`,
  );
  print(await (await openRegistry(kv, target)).sync());
};

const runUsage = async (): Promise<void> => {
  // Its client has hundreds of modules, which take half of the time in which another command runs.
  const { connectOpenSearch } = await import("../../opensearch/connect.ts");
  await using opensearch = connectOpenSearch(await findOpenSearchUrl());
  print(toUsageTable(await readUsage(opensearch)));
};

const COMMANDS_OF_APP = ["create", "show", "set", "rotate", "disable", "enable", "remove"];
const COMMANDS_WITH_FILE = ["export", "import"];
const COMMANDS = [...COMMANDS_OF_APP, ...COMMANDS_WITH_FILE, "list", "sync", "usage"];
/** Commands that add a user to the broker. */
const COMMANDS_WITH_USER = ["create", "rotate", "enable"];

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...TARGET_OPTIONS,
      origin: { type: "string", multiple: true },
      rate: { type: "string" },
      retention: { type: "string" },
      "bytes-per-day": { type: "string" },
      "events-per-second": { type: "string" },
      "grace-days": { type: "string" },
      force: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", app = ""] = positionals;
  if (values.help) return print(HELP);
  if (!COMMANDS.includes(command)) throw unknownCommand(command, HELP);
  assertNoMore(positionals, COMMANDS_OF_APP.includes(command) || COMMANDS_WITH_FILE.includes(command) ? 2 : 1);
  if (COMMANDS_OF_APP.includes(command) && app === "") throw new StackError("Missing app id.");
  // The name of a malformed entry may be invalid, too.
  if (COMMANDS_OF_APP.includes(command) && command !== "remove" && !APP_ID_PATTERN.test(app)) {
    throw new StackError(`Invalid app id: ${app}. Use up to 64 lower-case letters, digits and inner hyphens.`);
  }
  if (COMMANDS_WITH_FILE.includes(command) && app === "") throw new StackError("Missing file name.");
  const options = toOptions(optionsSchema, values);
  if (command === "usage") return await runUsage();
  const target = findBrokerTarget(defaultHome(), options);
  // Fails before KV changes if the relay's address is missing.
  if (COMMANDS_WITH_USER.includes(command)) await target.confirmSessions([]);
  await using kv = await openKv(defaultHome(), options);
  if (command === "export") {
    const count = await exportApps(kv, app, { force: options.force, nowMs: Date.now() });
    return print(`${count} entries written to ${app}`);
  }
  if (command === "import") return await runImport(kv, target, app, options.force);
  await run(await openRegistry(kv, target), command, app, options);
};

await runCommand(main);
