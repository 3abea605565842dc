/** The relay's users file, and the sessions that it assigns. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
import {
  addUsers,
  assignSessions,
  MAX_OWN_SESSIONS,
  readAllUsers,
  readUsers,
  SHARED_SESSIONS,
} from "../apps/users-file.ts";
import { findBrokerTarget } from "../apps/targets.ts";

describe("--relay-users", () => {
  const find = (users: string): string =>
    findBrokerTarget("/home", { remote: false, passwords: "/state/passwords", "relay-users": users }).users;

  it.each(["/state/relay/users", "/state/relay/users-2", "/state/relay/../relay/users-news"])("accepts %s", (path) => {
    expect(find(path)).toBe(path);
  });

  it.each(["/state/users-2", "/state/relay/users.2", "/state/relay/news"])(
    "refuses %s, which later commands would not find",
    (path) => {
      expect(() => find(path)).toThrow("the users files of all relays are in /state/relay");
    },
  );
});

describe("the users file", () => {
  it("gives all users of an app the app's session, and never changes a line", () => {
    const first = assignSessions(new Map(), ["shop", "news", "shop.2"]);
    expect([...first]).toEqual([
      ["shop", "shop"],
      ["news", "news"],
      ["shop.2", "shop"],
    ]);
    expect([...assignSessions(first, ["shop", "blog"])]).toEqual([...first, ["blog", "blog"]]);
  });

  it("assigns apps beyond 256 to shared sessions, permanently", () => {
    const apps = Array.from({ length: MAX_OWN_SESSIONS + SHARED_SESSIONS + 1 }, (_, i) => `app-${i}`);
    const sessions = assignSessions(new Map(), apps);
    expect(new Set(sessions.values()).size).toBe(MAX_OWN_SESSIONS + SHARED_SESSIONS);
    expect(sessions.get(`app-${MAX_OWN_SESSIONS - 1}`)).toBe(`app-${MAX_OWN_SESSIONS - 1}`);
    const late = sessions.get(`app-${MAX_OWN_SESSIONS}`);
    expect(late).toBe("shared.group-1");
    expect(assignSessions(sessions, [`app-${MAX_OWN_SESSIONS}.2`]).get(`app-${MAX_OWN_SESSIONS}.2`)).toBe(late);
  });

  it("survives a round trip", async () => {
    const home = await makeHome("users");
    const path = join(home, "relay", "users");
    await addUsers(path, ["shop", "shop.2"]);
    expect(await readFile(path, "utf8")).toBe("shop\nshop.2 shop\n");
    await addUsers(path, ["news"]);
    expect([...(await readUsers(path)).keys()]).toEqual(["shop", "shop.2", "news"]);
    await rm(home, { recursive: true });
  });

  it("has an app once if there are several: in the file that has it already, or else in the given one", async () => {
    const home = await makeHome("users");
    const [first, second] = [join(home, "users"), join(home, "users-2")];
    await addUsers(first, ["shop"]);
    await addUsers(second, ["shop", "news"]);
    await addUsers(first, ["shop.2", "news.2", "blog"]);
    expect(await readFile(first, "utf8")).toBe("shop\nshop.2 shop\nblog\n");
    expect(await readFile(second, "utf8")).toBe("news\nnews.2 news\n");
    expect([...(await readAllUsers(first))]).toEqual(["shop", "shop.2", "blog", "news", "news.2"]);
    await rm(home, { recursive: true });
  });
});
