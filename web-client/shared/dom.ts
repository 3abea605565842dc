/** Builds DOM elements without HTML strings: children are text nodes or elements, so log contents cannot inject markup. */

/** Options of {@link h}. `on` holds event listeners; attributes that are `undefined` or `false` are omitted. */
export interface ElementOptions {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** Creates an element with children; strings become text nodes. */
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

/** Returns the element with this id. Throws a TypeError if it is missing or of another type. */
export const byId = <Type extends HTMLElement>(id: string, type: new () => Type): Type => {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`The page has no #${id} of type ${type.name}.`);
  return element;
};

/** A severity as a badge. */
export const severityBadge = (severity: string): HTMLElement =>
  h("span", { class: "severity", attributes: { "data-severity": severity } }, severity);
