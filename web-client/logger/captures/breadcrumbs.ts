import type { LogRecord } from "../logger.ts";
import { isPage, now, page } from "../platform.ts";
import { redactUrl } from "../event/redact.ts";

const MAX_CRUMBS = 20;
const MAX_TEXT_LENGTH = 60;

export interface Breadcrumbs {
  /** Adds the breadcrumbs to `error` and `fatal` events. Pass it as the option `beforeSend`. */
  readonly attach: (record: LogRecord) => LogRecord;
  /** Adds a breadcrumb. Texts are cut at 60 characters. */
  add(text: string): void;
  /** Stops recording clicks and navigations. */
  stop(): void;
}

/** Kind, id and role of an element. Its text may be private and is not recorded. */
const nameOf = (element: Element): string =>
  `${element.localName}${element.id ? `#${element.id}` : ""}${element.role ? `[role=${element.role}]` : ""}`;

/**
 * Records the last 20 clicks and navigations, and breadcrumbs that the page adds. They stay in memory and are sent only
 * with an `error` or `fatal` event, as the attribute `edgelog.breadcrumbs`.
 *
 * @example
 * const crumbs = createBreadcrumbs();
 * const log = createLogger({ app, key, beforeSend: crumbs.attach });
 * crumbs.add("cart restored");
 */
export const createBreadcrumbs = (): Breadcrumbs => {
  const crumbs: string[] = [];
  const stopper = new AbortController();
  const { signal } = stopper;
  const add = (text: string): void => {
    crumbs.push(
      `${new Date(now()).toISOString().slice(11, 23)} ${text.slice(0, MAX_TEXT_LENGTH).replace(/\p{Cs}$/u, "")}`,
    );
    if (crumbs.length > MAX_CRUMBS) crumbs.shift();
  };
  const onClick = ({ target }: Event): void => {
    if (target instanceof page.Element) {
      add(`click ${nameOf(target.closest("a,button,input,select,[role]") ?? target)}`);
    }
  };
  // Workers and servers have only the breadcrumbs that their code adds.
  if (isPage()) {
    page.addEventListener("click", onClick, { signal, capture: true });
    for (const type of ["popstate", "hashchange"]) {
      const onNavigation = (): void => add(`${type} ${redactUrl(page.location.pathname + page.location.hash)}`);
      page.addEventListener(type, onNavigation, { signal });
    }
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
