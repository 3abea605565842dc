import type { JSX } from "preact";
import type { LogDocument } from "#contract/store/log-document.ts";
import { TreeNode } from "./tree-node.tsx";

/** Fields that are shown above the tree. */
const SHOWN_ABOVE = new Set(["body", "exception"]);
/** The sender's fields come first, this system's fields last. */
const FIRST = ["attributes", "user", "session", "organization", "http", "url", "duration", "resource"];
const LAST = ["@timestamp", "observedTimestamp", "severity", "error", "log", "edgelog"];

const toRank = (name: string): number => {
  const first = FIRST.indexOf(name);
  if (first !== -1) return first;
  return LAST.includes(name) ? 1_000 + LAST.indexOf(name) : 100;
};

/** Fields of a log as a tree. */
export const FieldTree = ({ log }: { readonly log: LogDocument }): JSX.Element => (
  <ul class="tree">
    {Object.entries(log)
      .filter(([name]) => !SHOWN_ABOVE.has(name))
      .sort(([a], [b]) => toRank(a) - toRank(b))
      .map(([name, value]) => (
        <TreeNode key={name} path={[name]} value={value} />
      ))}
  </ul>
);
