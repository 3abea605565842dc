/**
 * Builds elements without markup: text goes in as text nodes only, so nothing that a log says can become HTML.
 */

/** What an element is made of. `on` are its event listeners; an attribute that is `undefined` or `false` is left out. */
export interface ElementOptions {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** Creates an element with children; strings become text. */
export const h = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  if (options.class !== undefined) element.className = options.class;
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const [type, listener] of Object.entries(options.on ?? {})) element.addEventListener(type, listener);
  element.append(...children);
  return element;
};

/** The element with this id, which the page is known to have. */
export const byId = <Type extends HTMLElement>(id: string, type: new () => Type): Type => {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`The page lacks #${id}.`);
  return element;
};

/** A severity as a badge. */
export const severityBadge = (severity: string): HTMLElement =>
  h("span", { class: "severity", attributes: { "data-severity": severity } }, severity);
