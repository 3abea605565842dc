/**
 * Says why a query can't be read, with the characters that it is about marked.
 */
import { parseQuery } from "../../contract/parse-query.ts";
import { h } from "../shared/dom.ts";
import { visibleText } from "../shared/visible-text.ts";

/** Shows what is wrong with `q` in `element`, next to `input`, and says whether it can be asked. */
export const checkQuery = (q: string, input: HTMLInputElement, element: HTMLElement): boolean => {
  const result = parseQuery(q);
  element.hidden = result.ok;
  input.setAttribute("aria-invalid", String(!result.ok));
  if (result.ok) {
    element.replaceChildren();
    return true;
  }
  const { offset, length, message } = result.error;
  // At the end of the query there is no character to mark: a space stands for it.
  const marked = q.slice(offset, offset + Math.max(1, length)) || " ";
  element.replaceChildren(
    h("span", {}, message),
    h(
      "code",
      { class: "foreign" },
      visibleText(q.slice(0, offset)),
      h("mark", {}, visibleText(marked)),
      visibleText(q.slice(offset + marked.length)),
    ),
  );
  return false;
};
