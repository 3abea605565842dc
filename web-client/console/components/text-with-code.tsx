import type { JSX } from "preact";

/** Shows text with its parts between backticks as code, as the Worker's messages mark commands and field names. */
export const TextWithCode = ({ text }: { readonly text: string }): JSX.Element => {
  const parts = text.split("`");
  const isBalanced = parts.length % 2 === 1;
  return <>{isBalanced ? parts.map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part)) : text}</>;
};
