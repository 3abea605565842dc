/** `npm run reader`: manages reader tokens. */
import { parseArgs } from "node:util";
import * as z from "zod";
import { DAY_MS } from "#contract/wire/durations.ts";
import {
  appEntry,
  hasExpired,
  READER_ENTRY_PREFIX,
  readerEntry,
  readerRecordSchema,
  toTokenId,
  type ReaderRecord,
} from "#contract/store/app-record.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { assertNoMore, runCommand, toOptions, unknownCommand } from "../lib/command-line.ts";
import { StackError } from "../lib/stack-error.ts";
import { createSecret } from "../lib/secrets.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { isValidEntry } from "../apps/backup.ts";
import type { Kv } from "../apps/kv.ts";
import { openKv, TARGET_OPTIONS } from "../apps/targets.ts";
import { sha256 } from "../apps/records.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { print, printSecret } from "../lib/print.ts";

const HELP = `Usage: npm run reader -- COMMAND [options]

  create --app ID [--app ID]…   create a token that can read the logs of these apps and print it once
  list                          list all tokens by the start of their hash
  revoke ID…                    revoke the tokens with these ids, or these names of malformed entries, in the list; takes effect
                                within a minute

  --days DAYS   validity in days (default: 90)
  --note TEXT   the owner, shown in the list
  --alerts      allow the token to create and change alerts of these apps
  --monitor     allow the token to see the state of the deployment: GET /status and GET /metrics. It needs no --app.
  --erase       allow the token to erase the logs of users of these apps: npm run erase
  --remote      use KV on Cloudflare
  --kv FILE     use the KV file of a server without Cloudflare (default: EDGELOG_KV)`;

/** The hash of a token, or its start. */
const TOKEN_ID = /^[0-9a-f]{8,64}$/;

const MAX_DAYS = 3_650;
const MAX_NOTE_LENGTH = 100;

const NOT_DAYS = `use a number of days up to ${MAX_DAYS}`;

const optionsSchema = z.object({
  app: z.array(z.string().regex(APP_ID_PATTERN, "not a valid app id")).default([]),
  days: z.coerce.number(NOT_DAYS).positive(NOT_DAYS).max(MAX_DAYS, NOT_DAYS).default(90),
  note: z.string().max(MAX_NOTE_LENGTH, `use at most ${MAX_NOTE_LENGTH} characters`).optional(),
  alerts: z.boolean(),
  erase: z.boolean(),
  monitor: z.boolean(),
  remote: z.boolean(),
  kv: z.string().optional(),
});

type Options = z.output<typeof optionsSchema>;

const create = async (kv: Kv, { app: apps, days, note, alerts, erase, monitor }: Options): Promise<void> => {
  if (apps.length === 0 && !monitor) throw new StackError("Missing option: --app ID");
  for (const app of apps) {
    if ((await kv.get(appEntry(app))) === undefined) {
      throw new StackError(`There is no app ${app}. \`npm run app -- list\` shows all apps.`);
    }
  }
  const token = createSecret("elr_");
  const expiresAt = new Date(Date.now() + days * DAY_MS).toISOString();
  const record: ReaderRecord = {
    apps,
    expiresAt,
    ...(note === undefined ? {} : { note }),
    ...(alerts ? { canAlert: true } : {}),
    ...(erase ? { canErase: true } : {}),
    ...(monitor ? { canMonitor: true } : {}),
  };
  const hash = sha256(token);
  await kv.put({ [readerEntry(hash)]: record });
  const id = toTokenId(hash);
  await printSecret(
    `Reader token (shown only once) with the id ${id}, valid until ${expiresAt}:\n  ${token}`,
    `Revoke the token, and create another one: npm run reader -- revoke ${id}`,
  );
};

const list = async (kv: Kv): Promise<void> => {
  const entries = await kv.list(READER_ENTRY_PREFIX);
  for (const [name, value] of entries) {
    const reader = isValidEntry(name, value) ? readerRecordSchema.safeParse(value).data : undefined;
    if (reader === undefined) {
      print(`${name}  MALFORMED: the Worker refuses it; revoke it, or import an export that has it`);
      continue;
    }
    const end = reader.expiresAt ?? "revoked";
    const state = hasExpired(reader, Date.now()) ? "expired" : `valid until ${end}`;
    const id = toTokenId(name.slice(READER_ENTRY_PREFIX.length));
    print(`${id}  ${reader.apps.join(" ")}  ${state}  ${JSON.stringify(reader.note ?? "")}`);
  }
  print(pluralize(entries.size, "reader token"));
};

/** By the names of the entries only, so that a malformed entry can be removed, and does not prevent the removal of others. */
const revoke = async (kv: Kv, ids: readonly string[]): Promise<void> => {
  const names = [...(await kv.list(READER_ENTRY_PREFIX)).keys()];
  const failures: string[] = [];
  // A mistyped id does not prevent the others: a leaked token must end.
  for (const id of new Set(ids)) {
    const found = names.includes(id)
      ? [id]
      : names.filter((name) => TOKEN_ID.test(id) && name.startsWith(readerEntry(id)));
    const [name] = found;
    if (name === undefined || found.length > 1) {
      failures.push(`${found.length} tokens match the id ${id}.`);
      continue;
    }
    await kv.remove(name);
    print(`Revoked ${name === id ? name : toTokenId(name.slice(READER_ENTRY_PREFIX.length))}.`);
  }
  if (failures.length > 0) throw new StackError(failures.join("\n"));
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      remote: TARGET_OPTIONS.remote,
      kv: TARGET_OPTIONS.kv,
      app: { type: "string", multiple: true },
      days: { type: "string" },
      note: { type: "string" },
      alerts: { type: "boolean", default: false },
      erase: { type: "boolean", default: false },
      monitor: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", ...ids] = positionals;
  if (values.help) return print(HELP);
  if (!["create", "list", "revoke"].includes(command)) throw unknownCommand(command, HELP);
  if (command !== "revoke") assertNoMore(positionals, 1);
  const options = toOptions(optionsSchema, values);
  const isId = (id: string): boolean => TOKEN_ID.test(id) || id.startsWith(READER_ENTRY_PREFIX);
  if (command === "revoke" && (ids.length === 0 || !ids.every(isId)))
    throw new StackError("Missing or invalid token id; see `npm run reader -- list`.");
  await using kv = await openKv(defaultHome(), options);
  if (command === "create") await create(kv, options);
  else if (command === "list") await list(kv);
  else await revoke(kv, ids);
};

await runCommand(main);
