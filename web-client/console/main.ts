/**
 * The console: connects the controls, the search and the list. What it shows is decided in the files it imports.
 */
import { SEVERITIES } from "../../contract/severity.ts";
import type { SearchAnswer } from "../../contract/search.ts";
import { byId, h } from "../shared/dom.ts";
import { visibleText } from "../shared/visible-text.ts";
import { follow } from "./follow.ts";
import { createLogList } from "./log-list.ts";
import { emptyNotice, failedNotice, loadingNotice, signInNotice } from "./notices.ts";
import { checkQuery } from "./query-error.ts";
import { EVERYTHING, isFiltered, readQuery, toSeverity, writeQuery, type Query } from "./query.ts";
import { forgetToken, readToken, saveToken, takeTokenFromAddress } from "./reader-token.ts";
import { searchLogs } from "./search-logs.ts";
import { createTimeRange } from "./time-range.ts";

const TYPING_PAUSE_MS = 250;

const toolbar = byId("toolbar", HTMLFormElement);
const search = byId("q", HTMLInputElement);
const queryError = byId("query-error", HTMLParagraphElement);
const severity = byId("severity", HTMLSelectElement);
const appPick = byId("app-pick", HTMLLabelElement);
const app = byId("app", HTMLSelectElement);
const live = byId("live", HTMLButtonElement);
const count = byId("count", HTMLParagraphElement);
const banner = byId("banner", HTMLParagraphElement);
const notice = byId("notice", HTMLDivElement);
const signOut = byId("sign-out", HTMLButtonElement);
const list = createLogList(byId("logs", HTMLOListElement));

let query = readQuery(location.search);
let isLive = true;
/** Whether the rows answer the present query; else the next answer replaces them. */
let isCurrent = false;
const knownApps = new Set<string>(query.app === "" ? [] : [query.app]);

let said: string | undefined;
/** Says something in place of rows. Said again it stays as it is, with the focus in it; screen readers stay quiet. */
const say = (what: string, create: () => HTMLElement): void => {
  if (said === what) return;
  said = what;
  notice.replaceChildren(create());
};
const sayNothing = (): void => {
  said = undefined;
  notice.replaceChildren();
};

const showApps = (): void => {
  const options = ["", ...[...knownApps].sort()];
  if (app.options.length === options.length) return;
  app.replaceChildren(
    ...options.map((id) => h("option", { attributes: { value: id } }, id === "" ? "All apps" : visibleText(id, 64))),
  );
  app.value = query.app;
  appPick.hidden = knownApps.size < 2 && query.app === "";
};

const showAnswer = ({ hits, total, totalIsLowerBound }: SearchAnswer): void => {
  for (const { document } of hits) if (typeof document.edgelog?.app === "string") knownApps.add(document.edgelog.app);
  showApps();
  list.show(hits, isCurrent);
  isCurrent = true;
  banner.hidden = true;
  count.textContent = `${total.toLocaleString()}${totalIsLowerBound ? "+" : ""} ${total === 1 ? "log" : "logs"}`;
  if (list.size > 0) {
    sayNothing();
    return;
  }
  const filtered = isFiltered(query);
  say(`empty ${filtered}`, () => emptyNotice(filtered, () => change(EVERYTHING)));
};

const showFailure = (message: string): void => {
  banner.textContent = `${message} It is tried again by itself.`;
  banner.hidden = list.size === 0;
  if (list.size === 0) say(message, () => failedNotice(message));
};

const showSignIn = (wasRefused: boolean): void => {
  follower.stop();
  list.clear();
  toolbar.hidden = true;
  signOut.hidden = true;
  banner.hidden = true;
  sayNothing();
  say("sign in", () =>
    signInNotice(wasRefused, (token) => {
      saveToken(token);
      start();
    }),
  );
  byId("token", HTMLInputElement).focus();
};

const follower = follow({
  isLive: () => isLive,
  async ask(signal) {
    const token = readToken();
    if (token === undefined) {
      showSignIn(false);
      return true;
    }
    // A query that can't be read is not asked: what is wrong stands below the box.
    if (!queryError.hidden) return true;
    const outcome = await searchLogs(query, token, signal);
    switch (outcome.state) {
      case "found":
        showAnswer(outcome.answer);
        return true;
      case "signed_out":
        forgetToken();
        showSignIn(true);
        return true;
      case "failed":
        showFailure(outcome.message);
        return false;
    }
  },
});

const showRange = createTimeRange(byId("range", HTMLSelectElement), (range) => change(range));

const showQuery = (): void => {
  if (search.value.trim() !== query.q) search.value = query.q;
  severity.value = query.severity;
  app.value = query.app;
  showRange(query);
};

/** Asks the present query, where it can be read; else the rows before stay and the reason stands below the box. */
const ask = (): void => {
  isCurrent = false;
  showQuery();
  if (readToken() === undefined) return;
  if (!checkQuery(query.q, search, queryError) && said === "loading") sayNothing();
  follower.restart();
};

const change = (part: Partial<Query>, isStep = true): void => {
  query = { ...query, ...part };
  writeQuery(query, isStep);
  ask();
};

const start = (): void => {
  toolbar.hidden = false;
  signOut.hidden = false;
  say("loading", loadingNotice);
  ask();
};

severity.append(
  ...SEVERITIES.map((name) =>
    h("option", { attributes: { value: name } }, name === "trace" ? "All" : `${name} and up`),
  ),
);
severity.addEventListener("change", () => change({ severity: toSeverity(severity.value) }));
app.addEventListener("change", () => change({ app: app.value }));
let typing: ReturnType<typeof setTimeout> | undefined;
/** What is typed from one focus of the box to the next is one step to go Back. */
let isNewStep = true;
search.addEventListener("focus", () => (isNewStep = true));
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    change({ q: search.value.trim() }, isNewStep);
    isNewStep = false;
  }, TYPING_PAUSE_MS);
});
window.addEventListener("popstate", () => {
  clearTimeout(typing);
  isNewStep = true;
  query = readQuery(location.search);
  ask();
});
toolbar.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  change({ q: search.value.trim() });
});
live.addEventListener("click", () => {
  isLive = !isLive;
  live.setAttribute("aria-pressed", String(isLive));
  if (isLive) follower.restart();
});
signOut.addEventListener("click", () => {
  forgetToken();
  showSignIn(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  search.focus();
});

takeTokenFromAddress();
showApps();
showQuery();
if (readToken() === undefined) showSignIn(false);
else start();
