/**
 * Requests of platforms that deliver logs over HTTP, and parts of the documents that they become.
 */
import { gzipSync } from "node:zlib";
import type { Intake } from "#contract/wire/intakes.ts";

const TIME = "2025-11-23T09:00:00.123Z";
const MS = Date.parse(TIME);
const TRACE_ID = "5b8efff798038103d269b633813fc60c";

export interface IntakeRow {
  readonly name: string;
  readonly intake: Intake;
  readonly body: string | Uint8Array;
  readonly params?: Readonly<Record<string, string>>;
  readonly expected: readonly object[];
}

const level = (text: string): object => ({ severity: { text } });

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString("base64");

const frame = (line: string): string => `${Buffer.byteLength(line)} ${line}`;

export const PLATFORM_ROWS: readonly IntakeRow[] = [
  {
    name: "Heroku: frames with their length",
    intake: "logplex",
    params: { drain: "d.1" },
    body:
      frame(`<40>1 ${TIME} host heroku web.3 - State changed from starting to up\n`) +
      frame(`<190>1 ${TIME} host app web.3 - Grüße 😀\n`) +
      frame(`<190>1 ${TIME} host app web.3 - ${JSON.stringify({ level: 50, time: MS, msg: "failed" })}\n`),
    expected: [
      {
        "@timestamp": TIME,
        body: "State changed from starting to up",
        attributes: { "heroku.source": "heroku", "heroku.dyno": "web.3", "heroku.drain": "d.1" },
        edgelog: { dialect: "logplex" },
      },
      { body: "Grüße 😀", ...level("info") },
      { body: "failed", ...level("error"), attributes: { "heroku.dyno": "web.3" }, edgelog: { dialect: "pino" } },
    ],
  },
  {
    name: "Vercel: a log of a function and a request",
    intake: "vercel",
    body: JSON.stringify([
      {
        id: "1573817187330377061717300000",
        deploymentId: "dpl_1",
        source: "lambda",
        host: "shop.vercel.app",
        timestamp: MS,
        projectId: "p1",
        projectName: "shop",
        level: "error",
        message: "Payment failed",
        statusCode: 500,
        path: "/api/pay",
        traceId: TRACE_ID,
      },
      {
        id: "2",
        source: "edge",
        timestamp: MS,
        level: "info",
        proxy: { method: "GET", host: "shop.vercel.app", path: "/a?b", statusCode: 200, timestamp: MS },
      },
    ]),
    expected: [
      {
        "@timestamp": TIME,
        body: "Payment failed",
        ...level("error"),
        traceId: TRACE_ID,
        http: { response: { status_code: 500 } },
        resource: { service: { name: "shop" } },
        attributes: { deploymentId: "dpl_1", "vercel.source": "lambda" },
        edgelog: { dialect: "vercel" },
      },
      { body: "GET shop.vercel.app/a?b 200", ...level("info") },
    ],
  },
  {
    name: "Firehose: lines, and the log events of CloudWatch",
    intake: "firehose",
    params: { attributes: JSON.stringify({ commonAttributes: { stage: "prod" } }) },
    body: JSON.stringify({
      requestId: "r-1",
      timestamp: MS,
      records: [
        { data: base64(`first\n${JSON.stringify({ level: "error", time: TIME, msg: "failed" })}\n`) },
        {
          data: base64(
            gzipSync(
              JSON.stringify({
                messageType: "DATA_MESSAGE",
                owner: "123456789012",
                logGroup: "/aws/lambda/pay",
                logStream: "s1",
                logEvents: [{ id: "37", timestamp: MS, message: "Grüße\n" }],
              }),
            ),
          ),
        },
        { data: base64(gzipSync(JSON.stringify({ messageType: "CONTROL_MESSAGE", logEvents: [{}] }))) },
      ],
    }),
    expected: [
      { body: "first", attributes: { stage: "prod" }, edgelog: { dialect: "firehose" } },
      { "@timestamp": TIME, body: "failed", ...level("error") },
      {
        "@timestamp": TIME,
        body: "Grüße",
        attributes: { "aws.log.group.name": "/aws/lambda/pay", "aws.log.stream.name": "s1" },
      },
    ],
  },
  {
    name: "Logpush: the test of a job, HTTP requests, and an invocation of a Worker",
    intake: "logpush",
    body: [
      JSON.stringify({ content: "test" }),
      JSON.stringify({
        ClientIP: "192.0.2.1",
        ClientRequestHost: "shop.example",
        ClientRequestMethod: "GET",
        ClientRequestURI: "/cart",
        EdgeResponseStatus: 503,
        EdgeStartTimestamp: MS * 1_000_000,
        RayID: "7a",
      }),
      JSON.stringify({
        Event: { RayID: "7a" },
        EventTimestampMs: MS,
        Outcome: "exception",
        ScriptName: "pay",
        Exceptions: [{ Name: "TypeError", Message: "no card", TimestampMs: MS }],
        Logs: [],
      }),
    ].join("\n"),
    expected: [
      {
        "@timestamp": TIME,
        body: "GET /cart 503",
        ...level("info"),
        http: { response: { status_code: 503 } },
        attributes: { RayID: "7a" },
        edgelog: { dialect: "logpush" },
      },
      {
        "@timestamp": TIME,
        body: "pay exception",
        ...level("error"),
        exception: { type: "TypeError", message: "no card" },
        resource: { service: { name: "pay" } },
      },
    ],
  },
];
