/**
 * Field cases B: levels, times and shapes of other senders, through the complete stack. Each row is sent over HTTP and over
 * MQTT; the logs that `GET /search` returns and the payloads that `GET /rejected` returns decide.
 */
import { v7 as uuidv7 } from "uuid";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RejectedResponse } from "#contract/api/search.ts";
import type { GroupsResponse } from "#contract/api/statistics.ts";
import { MAX_CLIENT_ID_LENGTH } from "#contract/wire/limits.ts";
import { startPublisher } from "../support/mqtt-publisher.ts";
import { startFieldCaseStack, type FieldCaseStack } from "./support/field-case-stack.ts";
import { flutterRecord, toFlutterPayload } from "./support/flutter-payloads.ts";
import { SHAPE_ROWS } from "./support/shape-rows.ts";

let fieldCases: FieldCaseStack;
beforeAll(async () => {
  fieldCases = await startFieldCaseStack();
});
afterAll(() => fieldCases?.[Symbol.asyncDispose]());

const toMark = (): string => `m${uuidv7().replaceAll("-", "")}`;

const byBody = (a: { readonly body?: unknown }, b: { readonly body?: unknown }): number =>
  String(a.body) < String(b.body) ? -1 : 1;

const searchMark = async (mark: string) =>
  (await fieldCases.search(mark)).map(({ document }) => document).toSorted(byBody);

describe.each(["post", "publish"] as const)("%s", (way) => {
  it.each(SHAPE_ROWS)("$id: $name", async ({ payload, logs, rejected = [] }) => {
    const mark = toMark();
    const expected = logs(mark);
    const receipt = await fieldCases[way](payload(mark));
    expect(receipt).toMatchObject({ stored: expected.length, rejected });
    expect(await searchMark(mark)).toMatchObject(expected);
  });
});

describe("B5: the title of an error group", () => {
  const titleOf = async (mark: string): Promise<string | undefined> => {
    const { groups } = await fieldCases.read<GroupsResponse>(`/groups?q=${mark}`);
    expect(groups).toHaveLength(1);
    return groups[0]?.title;
  };

  it.each([
    [
      "flutter_logs, without error.message",
      (mark: string) => toFlutterPayload("ERROR", { message: `declined ${mark}` }),
      "declined MARK",
    ],
    [
      "flutter_logs, with error.message",
      (mark: string) => toFlutterPayload("SEVERE", { message: mark, "error.message": "no funds" }),
      "ERROR: no funds",
    ],
    ["flutter_logs, plain mode", (mark: string) => flutterRecord(`declined ${mark}`, "SEVERE"), "declined MARK"],
    [
      "an exception with a type only",
      (mark: string) => ({ body: `declined ${mark}`, severity: "error", attributes: { "exception.type": "PayError" } }),
      "PayError: declined MARK",
    ],
    [
      "an exception with an empty message",
      (mark: string) => ({
        body: `declined ${mark}`,
        severity: "error",
        attributes: { "exception.type": "PayError", "exception.message": " " },
      }),
      "PayError: declined MARK",
    ],
  ])("%s", async (_, payload, title) => {
    const mark = toMark();
    await fieldCases.post(payload(mark));
    expect(await titleOf(mark)).toBe(title.replace("MARK", mark));
  });
});

describe("B7: a payload that is sent twice", () => {
  it("stores its events with ids once", async () => {
    const mark = toMark();
    const [first, second] = [uuidv7(), uuidv7()];
    const payload = `Debugger attached.\n{"id":"${first}","body":"a ${mark}"}\n{"id":"${second}","body":"b ${mark}"}`;
    expect(await fieldCases.post(payload)).toMatchObject({ stored: 3, duplicates: 0 });
    expect(await fieldCases.post(payload)).toMatchObject({ stored: 1, duplicates: 2 });
    expect(await searchMark(mark)).toHaveLength(2);
  });
});

describe("B11: a client id that the protocol does not allow", () => {
  const readRejected = async (text: string) => {
    const { hits } = await fieldCases.read<RejectedResponse>("/rejected?app=demo&limit=100");
    return hits.map(({ document }) => document).filter(({ payload }) => payload.text?.includes(text));
  };

  it.each([
    {
      name: "129 characters",
      clientId: "c".repeat(MAX_CLIENT_ID_LENGTH + 1),
      violation: {
        reason: "too_long",
        field: "client",
        limit: MAX_CLIENT_ID_LENGTH,
        message: "The client id has 129 UTF-16 code units; the maximum is 128.",
      },
    },
    { name: "a slash", clientId: "rack-1/device-7", violation: { reason: "unknown_topic", field: "topic" } },
    { name: "1,000 characters", clientId: "d".repeat(1_000), violation: { reason: "too_long", field: "client" } },
  ])(
    "$name: the sender gets a receipt, and the app's rejected list has the payload",
    async ({ clientId, violation }) => {
      const mark = toMark();
      const { file } = fieldCases.stack;
      await using publisher = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key, clientId });
      await publisher.publish(JSON.stringify({ body: mark }), mark);
      expect(await publisher.receipt(mark)).toMatchObject({ stored: 0, rejected: [violation] });
      const [rejected] = await readRejected(mark);
      expect(rejected).toMatchObject({
        ...violation,
        edgelog: { app: "demo", client: clientId.slice(0, MAX_CLIENT_ID_LENGTH) },
      });
    },
  );

  it("60,000 characters: a Response Topic cannot be this long, and the app's rejected list has the payload", async () => {
    const mark = toMark();
    const { file } = fieldCases.stack;
    const clientId = "d".repeat(60_000);
    await using publisher = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key, clientId });
    await publisher.publish(JSON.stringify({ body: mark }), mark);
    await expect.poll(() => readRejected(mark)).toMatchObject([{ reason: "too_long", field: "client" }]);
  });

  it("a client id of 128 characters is valid", async () => {
    const mark = toMark();
    const { file } = fieldCases.stack;
    const clientId = "é".repeat(MAX_CLIENT_ID_LENGTH);
    await using publisher = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key, clientId });
    await publisher.publish(JSON.stringify({ body: mark }), mark);
    expect(await publisher.receipt(mark)).toMatchObject({ stored: 1 });
    expect(await searchMark(mark)).toMatchObject([{ edgelog: { client: clientId } }]);
  });

  it("MQTT 3.1.1: the app's rejected list has the payload", async () => {
    const mark = toMark();
    const { file } = fieldCases.stack;
    const clientId = "e".repeat(200);
    const client = await mqtt.connectAsync(file.mqtt, {
      protocolVersion: 4,
      clientId,
      username: file.app.id,
      password: file.app.key,
    });
    await client.publishAsync(`logs/demo/${clientId}`, mark, { qos: 1 });
    await client.endAsync();
    const rejected = await fieldCases.stack.waitFor(
      "the rejected payload",
      () => readRejected(mark),
      ({ length }) => length === 1,
    );
    expect(rejected[0]).toMatchObject({ reason: "too_long", field: "client", limit: MAX_CLIENT_ID_LENGTH });
  });
});
