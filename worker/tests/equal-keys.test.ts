/**
 * Lines of loggers that write a key twice, and the NaN and Infinity of Python.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

/** Its time is 2025-11-28T02:02:43Z. */
const STAMP = "019ac832-cc00-7000-8000-0000000000aa";
const TIME = "2025-11-28T02:00:00.000Z";

type Options = Pick<Parameters<typeof planDelivery>[0], "bulk" | "intake">;

const plan = (text: string, options: Options = {}) => {
  const delivery = { stamp: STAMP, transport: "http", app: "shop", payload: Buffer.from(text), ...options } as const;
  return planDelivery(delivery, 30).events.map(({ kind, newDocument }) => ({
    kind,
    ...JSON.parse(newDocument.source),
  }));
};

const intake = (name: "loki" | "datadog" | "splunk"): Options => ({ intake: { name, params: {}, part: 0 } });

const RENAMED = { changes: ["key_renamed"] };
const SLOG = `{"time":"${TIME}","level":"ERROR","msg":"declined","id":"req-1","level":"gold","msg":"attribute","time":"2020-01-01T00:00:00Z","err":"a","err":"b","id":"cus-9"}`;
const SLOG_LOG = {
  kind: "log",
  "@timestamp": TIME,
  severity: { text: "error" },
  body: "declined",
  exception: { message: "a" },
  attributes: {
    id: "req-1",
    id_2: "cus-9",
    level_2: "gold",
    msg_2: "attribute",
    time_2: "2020-01-01T00:00:00Z",
    err_2: "b",
  },
  edgelog: RENAMED,
};

describe("the first of equal keys has the meaning", () => {
  it.each<[string, string, object, Options?]>([
    ["slog", SLOG, SLOG_LOG],
    ["slog in a line of Docker", JSON.stringify({ log: `${SLOG}\n`, stream: "stdout", time: TIME }), SLOG_LOG],
    ["slog in a line of CRI", `${TIME} stdout F ${SLOG}`, SLOG_LOG],
    ["slog in a bulk request", `{"create":{}}\n${SLOG}\n`, SLOG_LOG, { bulk: {} }],
    [
      "slog in an event of Splunk",
      `{"event":${SLOG}}`,
      { ...SLOG_LOG, edgelog: { ...RENAMED, dialect: "json_line" } },
      intake("splunk"),
    ],
    ["slog in a log of Datadog", JSON.stringify({ message: SLOG }), SLOG_LOG, intake("datadog")],
    [
      "slog in an entry of Loki",
      JSON.stringify({ stream: {}, values: [["1764295200000000000", SLOG]] }),
      SLOG_LOG,
      intake("loki"),
    ],
    [
      "zap",
      '{"level":"error","ts":1764295200,"msg":"x","error":"a","error":"b"}',
      { exception: { message: "a" }, attributes: { error_2: "b" }, edgelog: RENAMED },
    ],
    [
      "logfmt",
      `time=${TIME} level=ERROR msg=declined id=1 level=gold msg=attribute id=2`,
      {
        severity: { text: "error" },
        body: "declined",
        attributes: { level_2: "gold", msg_2: "attribute", id: "1", id_2: "2" },
        edgelog: RENAMED,
      },
    ],
    [
      "an event",
      '{"body":"a","severity":"error","body":"b","severity":"x","attributes":{"n":1,"n":2}}',
      { body: "a", severity: { text: "error" }, attributes: { n: 1, n_2: 2, body_2: "b", severity_2: "x" } },
    ],
    [
      "an event of a batch",
      '{"v":1,"resource":{"a":1,"a":2},"events":[{"body":"a","body":"b"}]}',
      { body: "a", attributes: { body_2: "b" }, resource: { attributes: { a: 1, a_2: 2 } }, edgelog: RENAMED },
    ],
    [
      "an event with empty attributes",
      '{"body":"a","body":"b","attributes":null}',
      { body: "a", attributes: { body_2: "b" } },
    ],
    [
      "the fields around the events of a batch",
      '{"v":1,"v":2,"resource":{"a":1},"resource":{"a":2},"events":[{"body":"a"}]}',
      { body: "a", resource: { attributes: { a: 1 } } },
    ],
  ])("%s", (_name, text, expected, options) => {
    expect(plan(text, options)).toMatchObject([expected]);
  });

  it("a second list of events is refused", () => {
    const payload = Buffer.from('{"v":1,"events":[{"body":"a"}],"events":[{"body":"b"}]}');
    const [event] = planDelivery({ stamp: STAMP, transport: "http", app: "shop", payload }, 30).events;
    expect(event).toMatchObject({ kind: "rejected", violation: { reason: "unknown_field" } });
  });

  it("only for the events that have equal keys", () => {
    const logs = plan('{"level":"info","msg":"a","n":1}\n{"level":"info","msg":"b","n":1,"n":2}\n');
    expect(logs.map(({ edgelog }) => edgelog.changes)).toEqual([undefined, ["key_renamed"]]);
  });
});

describe("a NaN costs no log", () => {
  const EVENTS = ['{"level":"info","msg":"a"}', '{"level":"info","msg":"b","n":NaN}', '{"level":"info","msg":"c"}'];
  const OWN = ['{"body":"a"}', '{"body":"b","attributes":{"n":NaN}}', '{"body":"c"}'];

  it.each<[string, string, Options?]>([
    ["a list of lines", `[${EVENTS.join(",")}]`],
    ["lines", EVENTS.join("\n")],
    ["a list of events", `[${OWN.join(",")}]`],
    ["a batch", `{"v":1,"events":[${OWN.join(",")}]}`],
    ["a bulk request", EVENTS.map((each) => `{"create":{}}\n${each}\n`).join(""), { bulk: {} }],
    ["Splunk", EVENTS.map((each) => `{"event":${each}}`).join("\n"), intake("splunk")],
    ["lines of CRI", EVENTS.map((each) => `${TIME} stdout F ${each}`).join("\n")],
  ])("in %s", (_name, text, options) => {
    const logs = plan(text, options);
    expect(logs).toMatchObject([{ body: "a" }, { body: "b", attributes: { n: "NaN" } }, { body: "c" }]);
    expect(logs.map(({ edgelog }) => edgelog.changes)).toEqual([undefined, ["number_as_text"], undefined]);
  });
});
