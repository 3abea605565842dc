/**
 * Who the demo logs as: from the address (`#app=demo&key=elk_…`), as remembered from an earlier visit, or as the
 * development server says. Otherwise the page asks.
 */

/** App, its publishable key, and where the broker's own WSS listener is, if it is known. */
export interface DemoConfig {
  readonly app: string;
  readonly key: string;
  readonly mqttWssUrl?: string | undefined;
}

const STORAGE_KEY = "edgelog.demo";

const toConfig = (value: unknown): DemoConfig | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const { app, key, mqttWssUrl } = value as Record<string, unknown>;
  if (typeof app !== "string" || typeof key !== "string" || app === "" || key === "") return undefined;
  return { app, key, mqttWssUrl: typeof mqttWssUrl === "string" ? mqttWssUrl : undefined };
};

const fromAddress = (): DemoConfig | undefined =>
  toConfig(
    Object.fromEntries([...new URLSearchParams(location.search), ...new URLSearchParams(location.hash.slice(1))]),
  );

const fromStorage = (): DemoConfig | undefined => {
  try {
    return toConfig(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null"));
  } catch {
    return undefined; // somebody else's value: as good as none
  }
};

const fromServer = async (): Promise<DemoConfig | undefined> => {
  try {
    const response = await fetch("/demo/config.json");
    return response.ok ? toConfig(await response.json()) : undefined;
  } catch {
    return undefined; // not in development: the page asks
  }
};

/** Keeps what somebody chose for the next visit. */
export const rememberConfig = (config: DemoConfig): void => localStorage.setItem(STORAGE_KEY, JSON.stringify(config));

/** Forgets what was remembered, e.g. because it is not valid any longer. */
export const forgetConfig = (): void => localStorage.removeItem(STORAGE_KEY);

/** `undefined` when somebody has to be asked. */
export const findConfig = async (): Promise<DemoConfig | undefined> => {
  const chosen = fromAddress();
  if (chosen !== undefined) rememberConfig(chosen);
  const remembered = chosen ?? fromStorage();
  if (remembered?.mqttWssUrl !== undefined) return remembered;
  const served = await fromServer();
  return remembered === undefined ? served : { ...remembered, mqttWssUrl: served?.mqttWssUrl };
};
