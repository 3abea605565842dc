/**
 * The last things that happened on the page, for those who read an error: clicks, navigations, and what the page adds.
 * They are kept in memory and leave the page only with an `error` or `fatal`: give `attach` to the logger as `beforeSend`.
 */
import type { LogRecord } from "../logger.ts";
import { redactUrl } from "../event/redact.ts";

const MAX_CRUMBS = 20;
const MAX_TEXT_LENGTH = 60;

/** What {@link createBreadcrumbs} made. */
export interface Breadcrumbs {
  /** `createLogger({ beforeSend: breadcrumbs.attach })`. */
  readonly attach: (record: LogRecord) => LogRecord;
  add(text: string): void;
  stop(): void;
}

/** An element's name for people: its kind, id, and role; never what is written in it, which may be private. */
const nameOf = (element: Element): string =>
  `${element.localName}${element.id ? `#${element.id}` : ""}${element.role ? `[role=${element.role}]` : ""}`;

/** Starts at once. */
export const createBreadcrumbs = (): Breadcrumbs => {
  const crumbs: string[] = [];
  const stopper = new AbortController();
  const { signal } = stopper;
  const add = (text: string): void => {
    crumbs.push(`${new Date().toISOString().slice(11, 23)} ${text.slice(0, MAX_TEXT_LENGTH)}`);
    if (crumbs.length > MAX_CRUMBS) crumbs.shift();
  };
  const onClick = ({ target }: Event): void => {
    if (target instanceof Element) add(`click ${nameOf(target.closest("a,button,input,select,[role]") ?? target)}`);
  };
  addEventListener("click", onClick, { signal, capture: true });
  for (const type of ["popstate", "hashchange"]) {
    addEventListener(type, () => add(`${type} ${redactUrl(location.pathname + location.hash)}`), { signal });
  }
  return {
    add,
    attach: (record) =>
      /error|fatal/.test(record.severity) && crumbs.length > 0
        ? { ...record, attributes: { "edgelog.breadcrumbs": [...crumbs], ...record.attributes } }
        : record,
    stop: () => stopper.abort(),
  };
};
