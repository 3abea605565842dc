/**
 * The queue and the forwarder with a scripted Worker, without a broker: sessions must not delay each other.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { FairQueue } from "../src/fair-queue.ts";
import { createForwarder, type Forwarder } from "../src/forwarder.ts";
import type { MessageSession } from "../src/held-message.ts";
import { createWorkerClient } from "../src/worker-client.ts";
import { createMessage, createSession, textOf } from "./support/held-messages.ts";
import { acceptAll, done, NGINX_PAGES, startScriptedWorker, type ScriptedWorker } from "./support/relay-harness.ts";

let worker: ScriptedWorker;
let aborter: AbortController;
let forwarder: Forwarder;
let queue: FairQueue;
/** Payloads in the order in which their messages were done. */
const finished: string[] = [];
const setAside: string[] = [];
const failures: string[] = [];

beforeAll(async () => {
  worker = await startScriptedWorker();
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
});

const startForwarder = (limits: { maxBytes?: number; maxMessages?: number; lingerMs?: number } = {}): void => {
  aborter = new AbortController();
  queue = new FairQueue({ maxBytes: 100_000, maxMessages: 100, lingerMs: 0, maxSessionRequests: 2, ...limits });
  // The state of the queue after five short requests.
  for (let i = 0; i < 5; i += 1) queue.adaptSize(1, true);
  forwarder = createForwarder({
    queue,
    worker: createWorkerClient({ url: worker.url, token: "token" }),
    maxInFlight: 3,
    signal: aborter.signal,
    onDone: (message) => finished.push(textOf(message)),
    onRefused: (message) => finished.push(`refused ${textOf(message)}`),
    onSetAside: (message) => setAside.push(textOf(message)),
    onFailure: (error) => failures.push(error.failure),
  });
};
beforeEach(() => {
  worker.respond = acceptAll;
  worker.requests.length = 0;
  for (const list of [finished, setAside, failures]) list.length = 0;
  startForwarder();
  return () => {
    vi.restoreAllMocks();
    aborter.abort();
    worker.closeConnections();
  };
});

const add = (session: MessageSession, ...payloads: readonly string[]): void => addAt(Date.now(), session, ...payloads);
const addAt = (arrivedAtMs: number, session: MessageSession, ...payloads: readonly string[]): void => {
  for (const payload of payloads) queue.add(createMessage(session, payload, arrivedAtMs));
  forwarder.sendDue();
};
const isFinished = (...payloads: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(finished).toEqual(expect.arrayContaining([...payloads])), 20_000);
const isFrom = (user: string, messages: readonly RelayedMessage[]): boolean =>
  messages.some(({ topic }) => topic.startsWith(`logs/${user}/`));

describe("a response that is not the Worker's", () => {
  it.each([
    ["a challenge of Cloudflare", { "cf-mitigated": "challenge", "Content-Type": "text/html" }],
    ["the page of another firewall", { "Content-Type": "text/html; charset=utf-8" }],
  ])("is reported as such and not as a wrong token: %s", async (_, headers) => {
    let requests = 0;
    worker.respond = (messages) => {
      requests += 1;
      return requests === 1 ? { status: 403, headers, body: "<!DOCTYPE html>" } : acceptAll(messages);
    };
    add(createSession("shop"), "a");
    await isFinished("a");
    expect(failures).toEqual(["challenged"]);
  });
});

describe("a message that another server refuses", () => {
  const sendToFirewall = async (isFound: () => boolean): Promise<void> => {
    startForwarder({ lingerMs: 50 });
    const [shop, victim] = [createSession("shop"), createSession("victim")];
    add(shop, "a", "b", "poison", "c", "d");
    add(victim, "v");
    await isFinished("a", "b", "c", "d", "v");
    add(shop, "e");
    await isFinished("e");
    expect(finished).not.toContain("poison");
    await vi.waitFor(() => expect(isFound()).toBe(true), 20_000);
    worker.respond = acceptAll;
    await isFinished("poison");
    await vi.waitFor(() => expect(queue.size).toBe(0), 5_000);
  };

  it("is found, sent after the others, and stored once it is accepted", async () => {
    worker.respond = (messages) =>
      messages.some((message) => textOf(message) === "poison") ? NGINX_PAGES.badRequest : acceptAll(messages);
    await sendToFirewall(() => failures.includes("not_the_worker"));
    expect(setAside).toEqual([]);
  }, 40_000);

  it("is sent again as it was after that server has refused to set it aside", async () => {
    let hasFailed = false;
    worker.respond = (messages, frame) => {
      if (!messages.some((message) => textOf(message) === "poison")) return acceptAll(messages);
      hasFailed ||= frame.setAside === true;
      return hasFailed ? NGINX_PAGES.tooLarge : { status: 500 };
    };
    await sendToFirewall(() => hasFailed);
    expect(setAside).toEqual([]);
  }, 40_000);
});

describe("a batch with messages of several sessions", () => {
  it("starts with the sessions whose messages the Worker deferred", async () => {
    startForwarder({ maxMessages: 4 });
    // The Worker has space for one message of the flood, or for all others.
    worker.respond = (messages) => {
      const first = messages.findIndex((message) => textOf(message).startsWith("f"));
      const room = first === 0 ? 1 : first === -1 ? messages.length : first;
      return { body: { v: 1, outcomes: messages.map((_, i) => (i < room ? done() : { state: "deferred" })) } };
    };
    const [flood, victim] = [createSession("flood"), createSession("victim")];
    add(flood, ...Array.from({ length: 60 }, (_, i) => `f${i}`));
    add(victim, "v0", "v1");
    await isFinished("v0", "v1");
    expect(finished.indexOf("v1")).toBeLessThan(12);
  });
});

describe("the requests of one session", () => {
  it("do not take all concurrent requests while other sessions are active", async () => {
    startForwarder({ maxMessages: 10 });
    worker.respond = (messages) => (isFrom("victim", messages) ? acceptAll(messages) : undefined);
    const [flood, victim] = [createSession("flood"), createSession("victim")];
    add(victim, "v0");
    await isFinished("v0");
    add(flood, ...Array.from({ length: 100 }, (_, i) => `f${i}`));
    await vi.waitFor(() => expect(forwarder.inFlight).toBe(2), 20_000);
    add(victim, "v1", "v2");
    await isFinished("v1", "v2");
    expect(forwarder.inFlight).toBe(2);
  });

  it("take all concurrent requests while no other session is active", async () => {
    startForwarder({ maxMessages: 10 });
    worker.respond = () => undefined;
    add(createSession("flood"), ...Array.from({ length: 100 }, (_, i) => `f${i}`));
    await vi.waitFor(() => expect(forwarder.inFlight).toBe(3), 20_000);
  });
});

describe("a session whose messages are never stored", () => {
  it("does not delay the messages of others, and each request has only its messages", async () => {
    worker.respond = (messages) =>
      isFrom("stuck", messages)
        ? {
            body: {
              v: 1,
              outcomes: messages.map(({ topic }) => (topic.includes("stuck") ? { state: "retry" } : done())),
            },
          }
        : acceptAll(messages);
    const [stuck, victim] = [createSession("stuck"), createSession("victim")];
    for (let i = 0; i < 20; i += 1) {
      add(stuck, `s${i}`);
      add(victim, `v${i}`);
      await isFinished(`v${i}`);
    }
    const mixed = worker.requests.filter((messages) => isFrom("stuck", messages) && isFrom("victim", messages));
    expect(mixed.length).toBeLessThan(5);
    worker.respond = acceptAll;
    await isFinished(...Array.from({ length: 20 }, (_, i) => `s${i}`));
  });

  it("uses at most one request at a time, even if the Worker does not respond", async () => {
    const names = ["stuck1", "stuck2", "stuck3", "stuck4"];
    worker.respond = (messages) => (isFrom("victim", messages) ? acceptAll(messages) : { status: 503 });
    const stuck = names.map(createSession);
    for (const session of stuck) add(session, "s");
    await vi.waitFor(() => expect(failures.length).toBeGreaterThanOrEqual(names.length + 1), 10_000);
    worker.respond = (messages) => (isFrom("victim", messages) ? acceptAll(messages) : undefined);
    await vi.waitFor(() => expect(forwarder.inFlight).toBe(1), 10_000);
    const victim = createSession("victim");
    for (let i = 0; i < 10; i += 1) {
      add(victim, `v${i}`);
      await isFinished(`v${i}`);
    }
    expect(forwarder.inFlight).toBe(1);
  });
});

describe("a message that is not stored", () => {
  it("does not delay later messages of the same session", async () => {
    worker.respond = (messages) => ({
      body: { v: 1, outcomes: messages.map((message) => (textOf(message) === "bad" ? { state: "retry" } : done())) },
    });
    const session = createSession("shop");
    add(session, "bad", "a");
    await isFinished("a");
    add(session, "b");
    await isFinished("b");
    expect(finished).not.toContain("bad");
  });
});

describe("a message with which the Worker fails", () => {
  it.each([
    ["responds with 500", () => ({ status: 500 })],
    ["closes the connection", () => undefined],
  ])(
    "is set aside when it is alone, and the others are stored: the Worker %s",
    async (_, fail) => {
      worker.respond = (messages, frame) => {
        if (frame.setAside === true || !messages.some((message) => textOf(message) === "poison"))
          return acceptAll(messages);
        const failure = fail();
        if (failure === undefined) setImmediate(() => worker.closeConnections());
        return failure;
      };
      startForwarder({ lingerMs: 50 });
      const [shop, victim] = [createSession("shop"), createSession("victim")];
      add(shop, "a", "b", "c", "poison", "d", "e", "f");
      add(victim, "v");
      await isFinished("a", "b", "c", "poison", "d", "e", "f", "v");
      expect(setAside).toEqual(["poison"]);
      await vi.waitFor(() => expect(queue.size).toBe(0), 5_000);
    },
    40_000,
  );

  it("is set aside although more such messages of its session arrive after each failure", async () => {
    const shop = createSession("shop");
    const all = ["poison0"];
    const addPoison = (): void => {
      all.push(`poison${all.length}`, `poison${all.length + 1}`);
      add(shop, ...all.slice(-2));
    };
    worker.respond = (messages, frame) => {
      if (frame.setAside === true || messages.length === 0) return acceptAll(messages);
      if (setAside.length < 3) setImmediate(addPoison);
      return { status: 500 };
    };
    add(shop, "poison0");
    await vi.waitFor(() => expect(setAside).toHaveLength(3), 20_000);
    // One for each of them, to find out whether the Worker accepts others.
    expect(worker.requests.filter(({ length }) => length === 0)).toHaveLength(3);
    worker.respond = acceptAll;
    await isFinished(...all);
  }, 40_000);

  it("is never set aside while the store is unavailable", async () => {
    worker.respond = () => ({ status: 503 });
    add(createSession("shop"), "a", "b");
    await vi.waitFor(() => expect(failures.length).toBeGreaterThanOrEqual(6), 20_000);
    expect(worker.requests.every(({ length }) => length === 2)).toBe(true);
    expect(setAside).toEqual([]);
  }, 30_000);
});

describe("an outage of the Worker", () => {
  it("ends for all sessions with the first success", async () => {
    worker.respond = () => ({ status: 503 });
    const sessions = Array.from({ length: 20 }, (_, i) => createSession(`s${i}`));
    for (const session of sessions) add(session, session.name);
    await vi.waitFor(() => expect(failures.length).toBeGreaterThanOrEqual(60), 20_000);
    worker.respond = acceptAll;
    await isFinished(...sessions.map(({ name }) => name));
  }, 40_000);
});

describe("a relay whose clock the Worker refuses", () => {
  it("sends the message again and reports clock_skew", async () => {
    worker.respond = () => {
      worker.respond = acceptAll;
      return { status: 409, body: { reason: "clock_skew" } };
    };
    add(createSession("shop"), "a");
    await isFinished("a");
    expect(failures).toEqual(["clock_skew"]);
  });

  it.each([
    ["one app", ["shop"]],
    ["several apps", ["shop", "blog"]],
  ])(
    "sends the messages of %s again soon after the clock was set back",
    async (_, apps) => {
      const realNow = Date.now;
      vi.spyOn(Date, "now").mockImplementation(() => realNow() + HOUR_MS);
      worker.respond = () => ({ status: 409, body: { reason: "clock_skew" } });
      const sessions = apps.map((app) => createSession(app));
      for (const session of sessions) add(session, `old ${session.name}`);
      await vi.waitFor(() => expect(failures.length).toBeGreaterThanOrEqual(4), 20_000);
      vi.restoreAllMocks();
      worker.respond = acceptAll;
      for (const session of sessions) add(session, `new ${session.name}`);
      await isFinished(...apps.flatMap((app) => [`old ${app}`, `new ${app}`]));
    },
    40_000,
  );

  it("sends messages that arrived before the clock was corrected, with a new stamp", async () => {
    startForwarder({ lingerMs: 10 });
    const now = Date.now();
    const stamps: (number | undefined)[] = [];
    worker.respond = (messages) => {
      stamps.push(...messages.map(({ id }) => timeOfUuid(id)));
      return acceptAll(messages);
    };
    addAt(now + 10 * MINUTE_MS, createSession("shop"), "ahead");
    await isFinished("ahead");
    addAt(now - 10 * MINUTE_MS, createSession("other"), "old");
    await isFinished("old");
    expect(stamps).toHaveLength(2);
    expect(Math.max(...stamps.map(Number))).toBeLessThan(now + MINUTE_MS);
    expect(stamps).toContain(now - 10 * MINUTE_MS);
  });
});
