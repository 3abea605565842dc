/** Checks that OpenSearch and the broker accept the secrets, and that OpenSearch has the index templates of this version. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { DEFAULT_PERIODS, parseIndexPeriod } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { createIndexTemplates } from "../../opensearch/index-templates.ts";
import { readVersion } from "../../opensearch/version.ts";
import type { WranglerConfig } from "../lib/wrangler-config.ts";
import type { SecretValues } from "./check-secrets.ts";
import { failed, passed, skipped, warned, type Finding } from "../lib/finding.ts";

const TIMEOUT_MS = 10_000;

const toAccessHeaders = ({
  ACCESS_CLIENT_ID: id,
  ACCESS_CLIENT_SECRET: secret,
}: SecretValues): Record<string, string> =>
  id === undefined || secret === undefined ? {} : { "CF-Access-Client-Id": id, "CF-Access-Client-Secret": secret };

const toReason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  return typeof code === "string" ? code : cause instanceof Error ? cause.message : "no response";
};

/** Explains a status that is neither 200 nor 101. */
const explain = (status: number): string => {
  if (status === 401) return "401: user or password is wrong";
  if (status >= 300 && status < 400) return `${status}: Access does not accept the service token, or there is none`;
  if (status === 403) return "403: the user, the service token or the client certificate is not allowed";
  if (status === 530 || status === 502) return `${status}: the tunnel is down, or it cannot reach the host`;
  return `status ${status}`;
};

type Get = (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;

const createGet = (values: SecretValues): Get => {
  const url = new URL(values["OPENSEARCH_URL"] ?? "");
  const { username, password } = url;
  const credentials = btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const headers = {
    ...toAccessHeaders(values),
    ...(username === "" ? {} : { Authorization: `Basic ${credentials}` }),
  };
  return async (path) => {
    const address = `${url.origin}${url.pathname.replace(/\/$/, "")}${path}`;
    const response = await fetch(address, { headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) as unknown };
    } catch {
      return { status: response.status, body: undefined };
    }
  };
};

const templatesSchema = z.object({
  index_templates: z.array(
    z.object({
      name: z.string(),
      index_template: z.object({
        version: z.number().optional(),
        template: z.object({ mappings: z.unknown() }).optional(),
      }),
    }),
  ),
});

/** OpenSearch may return `false` as text. */
const normalize = (mappings: unknown): unknown =>
  JSON.parse(JSON.stringify(mappings), (_, value: unknown) =>
    value === "true" ? true : value === "false" ? false : value,
  );

const checkTemplates = async (get: Get): Promise<readonly Finding[]> => {
  const { status, body } = await get("/_index_template/edgelog-*");
  if (status !== 200) return [failed("templates", explain(status))];
  const installed = new Map(
    templatesSchema.safeParse(body).data?.index_templates.map(({ name, index_template }) => [name, index_template]),
  );
  return Object.entries(createIndexTemplates()).map(([name, template]) => {
    const expected = (template["template"] as { mappings: unknown }).mappings;
    const found = installed.get(name);
    if (found === undefined) return failed(`template ${name}`, "missing: run `node opensearch/setup.ts`");
    // The version also changes with the settings, to which OpenSearch adds its own.
    return found.version === template["version"] &&
      isDeepStrictEqual(normalize(found.template?.mappings), normalize(expected))
      ? passed(`template ${name}`, "of this version")
      : failed(`template ${name}`, "of another version: run `node opensearch/setup.ts` before you deploy");
  });
};

const indicesSchema = z.array(z.object({ index: z.string() }));

/**
 * With a daily index of a long class from `LONG_INDICES_FROM` on, an event in it that is sent again would be stored in the index of its week
 * or month, too.
 */
const checkPeriods = async (get: Get, { vars }: WranglerConfig): Promise<Finding> => {
  const name = "LONG_INDICES_FROM";
  const from = vars[name] === undefined ? DEFAULT_PERIODS.longFromMs : Date.parse(String(vars[name]));
  const { body } = await get("/_cat/indices/logs-90d-*,logs-365d-*?format=json&h=index");
  const daily = (indicesSchema.safeParse(body).data ?? []).filter(({ index }) => {
    const period = parseIndexPeriod(index);
    return period?.unit === "day" && period.startMs >= from;
  });
  if (daily.length === 0) return passed(name, new Date(from).toISOString().slice(0, 10));
  const earliest = new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10);
  return failed(
    name,
    `OpenSearch has daily indices from that day on, such as ${daily[0]?.index ?? ""}: set it to "${earliest}" or later in [vars]`,
  );
};

const checkOpenSearch = async (config: WranglerConfig, values: SecretValues): Promise<readonly Finding[]> => {
  const name = "OpenSearch";
  try {
    const get = createGet(values);
    const { status, body } = await get("/");
    const version = readVersion(body);
    if (status !== 200) return [failed(name, explain(status))];
    if (version === undefined)
      return [failed(name, "the response does not come from OpenSearch; check the host in OPENSEARCH_URL")];
    const { number, problem } = version;
    const finding = problem === undefined ? passed(name, `version ${number}`) : warned(name, problem);
    return [finding, ...(await checkTemplates(get)), await checkPeriods(get, config)];
  } catch (error) {
    return [failed(name, `cannot be reached: ${toReason(error)}`)];
  }
};

const upgrade = (values: SecretValues): Promise<number> =>
  new Promise((resolve, reject) => {
    const url = new URL(values["BROKER_URL"] ?? "");
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, {
      timeout: TIMEOUT_MS,
      headers: {
        ...toAccessHeaders(values),
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "ZWRnZWxvZy1kZXBsb3kxMg==",
        "Sec-WebSocket-Protocol": "mqtt",
      },
    });
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on("response", (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on("timeout", () => request.destroy(new Error("no response")));
    request.on("error", reject);
    request.end();
  });

const checkBroker = async (values: SecretValues): Promise<Finding> => {
  try {
    const status = await upgrade(values);
    return status === 101 ? passed("broker", "accepts WebSockets") : failed("broker", explain(status));
  } catch (error) {
    return failed("broker", `cannot be reached: ${toReason(error)}`);
  }
};

/** An origin with a binding can be reached by the Worker only. */
const hasBinding = (config: WranglerConfig, name: string): boolean =>
  [...config.vpc_services, ...config.mtls_certificates].some(({ binding }) => binding === name);

/** @param values Well-formed secrets. */
export const checkOrigins = async (config: WranglerConfig, values: SecretValues): Promise<readonly Finding[]> => [
  ...(hasBinding(config, "OPENSEARCH")
    ? [skipped("OpenSearch", "reached through a binding: check `GET /healthz` after the deployment")]
    : await checkOpenSearch(config, values)),
  hasBinding(config, "BROKER")
    ? skipped("broker", "reached through a binding: check a live tail after the deployment")
    : await checkBroker(values),
];
