/** Runs alert rules on series of samples, if promtool is installed: see monitoring.test.ts. */
import { describe, expect, it } from "vitest";
import { hasPromtool, SUCCESS, testAlert, type SeriesByName } from "../../tests/support/promtool.ts";

describe.skipIf(!hasPromtool)("EdgelogBrokerDropsMessages", () => {
  const run = (values: string, firing: Readonly<Record<number, number>>): Promise<string> =>
    testAlert("EdgelogBrokerDropsMessages", { edgelog_relay_broker_dropped_messages: values }, firing);

  it("fires once for messages that were dropped while the relay was down", async () => {
    // Samples until minute 119, and from minute 140 on.
    expect(await run("2x119 _x20 5x120", { 100: 0, 119: 0, 141: 1, 149: 1, 152: 0, 200: 0 })).toMatch(SUCCESS);
  });

  it("does not fire after such a time without a dropped message", async () => {
    // Messages were dropped an hour before it.
    const minutes = Array.from({ length: 60 }, (_, i) => [140 + i, 0] as const);
    expect(await run("2x59 5x59 _x20 5x120", { 61: 1, 80: 0, ...Object.fromEntries(minutes) })).toMatch(SUCCESS);
  });

  it("fires for a dropped message while the relay runs", async () => {
    expect(await run("2x119 5x120", { 119: 0, 121: 1, 135: 0 })).toMatch(SUCCESS);
  });
});

describe.skipIf(!hasPromtool)("EdgelogBrokerMemory", () => {
  it("fires while the broker uses more memory than twice the limit of a queue", async () => {
    const series = { edgelog_relay_broker_heap_bytes: "1073741824x9 1073741825x9 1000x9" };
    expect(await testAlert("EdgelogBrokerMemory", series, { 9: 0, 12: 1, 22: 0 })).toMatch(SUCCESS);
  });
});

describe.skipIf(!hasPromtool)("the broker's certificate", () => {
  it("is alerted until it is replaced, also after it has expired", async () => {
    const labels = 'job="edgelog-broker",instance="mqtt.acme.io:8883"';
    // Expires after 60 minutes. Then the handshake fails, and the metric of the expiry does not exist.
    const series = {
      [`up{${labels}}`]: "1x180",
      [`probe_success{${labels}}`]: "1x59 0x59 1x60",
      [`probe_ssl_earliest_cert_expiry{${labels}}`]: "3600x59 _x60 9999999999x60",
    };
    expect(await testAlert("EdgelogCertificateExpires", series, { 30: 1, 70: 0, 130: 0 })).toMatch(SUCCESS);
    expect(await testAlert("EdgelogBrokerUnreachable", series, { 59: 0, 63: 1, 119: 1, 125: 0 })).toMatch(SUCCESS);
  });
});

describe.skipIf(!hasPromtool)("jobs that are missing or do not respond", () => {
  const ALL = ["edgelog-worker", "edgelog-broker", "edgelog-relay", "edgelog-worker-metrics"];
  const toSeries = (names: readonly string[], value = 1): SeriesByName =>
    Object.fromEntries(names.map((job) => [`up{job="${job}",instance="a"}`, `${value}x60`]));

  it("are alerted", async () => {
    for (const [alert, job] of [
      ["EdgelogProbesMissing", "edgelog-worker"],
      ["EdgelogProbesMissing", "edgelog-broker"],
      ["EdgelogRelayDown", "edgelog-relay"],
      ["EdgelogMetricsMissing", "edgelog-worker-metrics"],
    ] as const) {
      const others = ALL.filter((each) => each !== job);
      expect(await testAlert(alert, toSeries(others), { 30: 1 })).toMatch(SUCCESS);
      expect(await testAlert(alert, { ...toSeries(others), ...toSeries([job], 0) }, { 30: 1 })).toMatch(SUCCESS);
      expect(await testAlert(alert, toSeries(ALL), { 30: 0 })).toMatch(SUCCESS);
    }
  });
});

describe.skipIf(!hasPromtool)("EdgelogCronJobsStopped", () => {
  const LABELS = 'instance="logs",job="edgelog-worker-metrics"';
  const COUNTED = `edgelog_worker_counted_timestamp_seconds{${LABELS}}`;
  const UNAVAILABLE = `edgelog_worker_health_problem{code="opensearch_unavailable",${LABELS}}`;
  const OTHER = `edgelog_worker_health_problem{code="index_red",${LABELS}}`;
  const run = (series: SeriesByName, firing: Readonly<Record<number, number>>): Promise<string> =>
    testAlert("EdgelogCronJobsStopped", series, firing);

  it("fires while the time of the last run does not change", async () => {
    // The time of the sample until minute 30. The test begins at the time 0. From minute 61 on, the last run is too old to be known.
    const series = { [COUNTED]: "0+60x30 1800x30 _x30", [UNAVAILABLE]: "0x90", [OTHER]: "0x90" };
    expect(await run(series, { 30: 0, 39: 0, 47: 1, 80: 1 })).toMatch(SUCCESS);
  });

  it("fires once if the jobs have never run, or not since yesterday", async () => {
    const series = { [COUNTED]: "_x90", [UNAVAILABLE]: "0x90", [OTHER]: "0x90" };
    expect(await run(series, { 3: 0, 6: 1, 80: 1 })).toMatch(SUCCESS);
  });

  it("does not fire while a full disk prevents that the time is stored, but if the jobs do not run afterwards", async () => {
    // The disk is full from minute 31 to 60.
    const full = `edgelog_worker_health_problem{code="disk_full",${LABELS}}`;
    const series = { [COUNTED]: "0+60x30 1800x89", [UNAVAILABLE]: "0x120", [OTHER]: "0x120", [full]: "0x30 1x29 0x60" };
    expect(await run(series, { 30: 0, 47: 0, 60: 0, 67: 1 })).toMatch(SUCCESS);
  });

  it("does not fire while OpenSearch is unavailable, or /metrics does not respond", async () => {
    expect(await run({ [COUNTED]: "_x90", [UNAVAILABLE]: "1x90", [OTHER]: "0x90" }, { 30: 0, 80: 0 })).toMatch(SUCCESS);
    expect(await run({ up: "0x90" }, { 30: 0, 80: 0 })).toMatch(SUCCESS);
  });
});
