/**
 * The value of a metric of a relay. `undefined` if the relay does not report it.
 *
 * @param relayUrl Any URL of the relay's HTTP port, for example that of `/healthz`.
 * @param name Without the prefix `edgelog_relay_`. With labels: the sum of all values.
 */
export const readRelayMetric = async (relayUrl: string, name: string): Promise<number | undefined> => {
  const text = await (await fetch(new URL("/metrics", relayUrl))).text();
  const values = [...text.matchAll(new RegExp(`^edgelog_relay_${name}(?:\\{.*\\})? (\\S+)$`, "gm"))];
  return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + Number(value), 0);
};
