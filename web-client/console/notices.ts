/**
 * What the page says when there are no rows to show.
 */
import { h } from "../shared/dom.ts";

/** While the first answer is on its way. */
export const loadingNotice = (): HTMLElement =>
  h(
    "div",
    { class: "skeleton" },
    h("p", { class: "visually-hidden" }, "Loading logs"),
    ...Array.from({ length: 9 }, () => h("span")),
  );

/** No log matches, or there is none yet. */
export const emptyNotice = (isFiltered: boolean, onReset: () => void): HTMLElement =>
  isFiltered
    ? h(
        "section",
        { class: "notice" },
        h("h2", {}, "Nothing matches"),
        h("p", { class: "muted" }, "No log fits the search and the filters. New ones appear here while Live is on."),
        h("button", { class: "button", attributes: { type: "button" }, on: { click: onReset } }, "Show all logs"),
      )
    : h(
        "section",
        { class: "notice" },
        h("h2", {}, "No logs yet"),
        h("p", { class: "muted" }, "As soon as an app sends its first log, it appears here."),
        h("a", { class: "button primary", attributes: { href: "/demo/" } }, "Send some from the demo"),
      );

/** The first search failed: nothing to show but why. */
export const failedNotice = (message: string): HTMLElement =>
  h(
    "section",
    { class: "notice" },
    h("h2", {}, "The logs can't be read right now"),
    h("p", { class: "muted foreign" }, message),
    h("p", { class: "muted" }, "It is tried again by itself."),
  );

/** Asks for a reader token. */
export const signInNotice = (wasRefused: boolean, onToken: (token: string) => void): HTMLElement => {
  const input = h("input", {
    class: "field",
    attributes: { id: "token", type: "password", autocomplete: "off", required: true, spellcheck: "false" },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (input.value.trim() !== "") onToken(input.value);
  };
  return h(
    "section",
    { class: "notice card" },
    h("h2", {}, "Sign in to read logs"),
    wasRefused
      ? h("p", { class: "refusal" }, "This token is not valid, or not any longer.")
      : h("p", { class: "muted" }, "Use the console link that the start command printed, or paste a reader token."),
    h(
      "form",
      { on: { submit } },
      h("label", { class: "label" }, "Reader token", input),
      h("button", { class: "button primary", attributes: { type: "submit" } }, "Sign in"),
    ),
    h("p", { class: "muted small" }, "It is kept in this tab only."),
  );
};
