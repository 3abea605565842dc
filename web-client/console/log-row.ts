/**
 * One log as a row that opens to its whole document. Every byte of a log is foreign: it becomes text, never markup.
 */
import type { SearchHit } from "../../contract/search.ts";
import { h, severityBadge } from "../shared/dom.ts";
import { visibleText } from "../shared/visible-text.ts";

const BODY_PREVIEW_LENGTH = 600;
const JSON_PREVIEW_LENGTH = 200_000;

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(undefined, { month: "short", day: "2-digit" });

const toTime = (timestamp: string): string => {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return visibleText(timestamp, 30);
  const clock = `${timeFormat.format(time)}.${String(time.getMilliseconds()).padStart(3, "0")}`;
  return time.toDateString() === new Date().toDateString() ? clock : `${dayFormat.format(time)} ${clock}`;
};

const exceptionType = (document: SearchHit["document"]): string | undefined => {
  const exception = document["exception"];
  const type = typeof exception === "object" && exception !== null && "type" in exception ? exception.type : undefined;
  return typeof type === "string" ? type : undefined;
};

const createDetail = ({ id, document }: SearchHit): HTMLElement => {
  const json = JSON.stringify(document, null, 2);
  const copy = h("button", { class: "button small", attributes: { type: "button" } }, "Copy JSON");
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(json).then(
      () => (copy.textContent = "Copied"),
      () => (copy.textContent = "Copying is not allowed here"),
    );
  });
  return h(
    "div",
    { class: "detail" },
    h("div", { class: "detail-head" }, copy, h("span", { class: "small muted foreign" }, visibleText(id, 100))),
    h(
      "pre",
      { class: "foreign", attributes: { tabindex: "0", "aria-label": "The document as JSON" } },
      visibleText(json, JSON_PREVIEW_LENGTH),
    ),
  );
};

/** `isFresh` marks a log that arrived while somebody watched. */
export const createLogRow = (hit: SearchHit, isFresh: boolean): HTMLLIElement => {
  const { document } = hit;
  const timestamp = String(document["@timestamp"]);
  const body = h("span", { class: "body foreign", attributes: { dir: "auto" } });
  const type = exceptionType(document);
  if (type !== undefined) body.append(h("span", { class: "exception" }, `${visibleText(type, 80)} `));
  body.append(visibleText(String(document.body), BODY_PREVIEW_LENGTH));
  const summary = h(
    "summary",
    {},
    h("time", { attributes: { datetime: timestamp, title: timestamp } }, toTime(timestamp)),
    severityBadge(visibleText(String(document.severity?.text), 10)),
    body,
    h("span", { class: "app foreign" }, visibleText(String(document.edgelog?.app), 64)),
  );
  const details = h("details", {}, summary);
  details.addEventListener("toggle", () => {
    // Built when it is looked at, and only once.
    if (details.open && details.childElementCount === 1) details.append(createDetail(hit));
  });
  return h("li", { class: isFresh ? "log fresh" : "log" }, details);
};
