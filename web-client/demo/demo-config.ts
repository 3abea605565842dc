/**
 * The app and key of the demo: from the address (`#app=demo&key=elk_…`), from an earlier visit, or from the development
 * server. If all three are missing, the page shows a form.
 */

/** `mqttWssUrl` is the broker's own WSS listener, if it is known. */
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
    return undefined; // storage is blocked, or the value is not from this page
  }
};

const fromServer = async (): Promise<DemoConfig | undefined> => {
  try {
    const response = await fetch("/demo/config.json");
    return response.ok ? toConfig(await response.json()) : undefined;
  } catch {
    return undefined; // no development server: the page shows the form
  }
};

/** Stores the configuration for the next visit. */
export const storeConfig = (config: DemoConfig): void => localStorage.setItem(STORAGE_KEY, JSON.stringify(config));

/** Deletes the stored configuration, for example because it is no longer valid. */
export const clearConfig = (): void => localStorage.removeItem(STORAGE_KEY);

/** Returns `undefined` if the user has to enter app and key. */
export const loadConfig = async (): Promise<DemoConfig | undefined> => {
  const given = fromAddress();
  if (given !== undefined) storeConfig(given);
  const stored = given ?? fromStorage();
  if (stored?.mqttWssUrl !== undefined) return stored;
  const served = await fromServer();
  return stored === undefined ? served : { ...stored, mqttWssUrl: served?.mqttWssUrl };
};
