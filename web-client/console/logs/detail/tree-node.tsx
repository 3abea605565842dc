import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { visibleText } from "../../../shared/visible-text.ts";
import { formatCount } from "../../lib/format-number.ts";
import { toFieldName, type FieldPath } from "./field-name.ts";
import { FilterButtons } from "../../components/filter-buttons.tsx";

interface TreeNodeProps {
  /** Keys from the root of the document. */
  readonly path: FieldPath;
  readonly value: unknown;
  /** Text before the value. Default: the last key. */
  readonly label?: string | number;
}

/** Members of an object or array that are shown at first. */
const MAX_CHILDREN = 100;
const MAX_KEY = 128;
const MAX_VALUE = 2_000;
const OPEN_DEPTH = 3;

const toEntries = (value: object): readonly (readonly [string | number, unknown])[] =>
  Array.isArray(value) ? [...value.entries()] : Object.entries(value);

/** One value or one branch of the tree. A branch with a single member is joined with it into one line. */
export const TreeNode = ({ path, value, label = path.at(-1) ?? "" }: TreeNodeProps): JSX.Element => {
  const [isOpen, setOpen] = useState(path.length < OPEN_DEPTH);
  const [isExpanded, setExpanded] = useState(false);
  const key = visibleText(String(label), MAX_KEY);
  if (typeof value !== "object" || value === null) {
    const text = String(value);
    const field = toFieldName(path);
    return (
      <li class="leaf">
        <span class="tree-key untrusted">{key}</span>
        <span class="tree-value untrusted" data-type={value === null ? "null" : typeof value} dir="auto">
          {visibleText(text, MAX_VALUE)}
        </span>
        {field !== undefined && value !== null && <FilterButtons field={field} value={text} />}
      </li>
    );
  }
  const entries = toEntries(value);
  const [only] = entries;
  if (!Array.isArray(value) && only !== undefined && entries.length === 1 && path[0] !== "attributes") {
    return <TreeNode path={[...path, only[0]]} value={only[1]} label={`${label}.${only[0]}`} />;
  }
  const shown = isExpanded ? entries : entries.slice(0, MAX_CHILDREN);
  return (
    <li class="branch">
      <details open={isOpen} onToggle={({ currentTarget: { open } }) => setOpen(open)}>
        <summary>
          <span class="tree-key untrusted">{key}</span>
          <span class="tree-count">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
        </summary>
        {isOpen && (
          <ul>
            {shown.map(([name, item]) => (
              <TreeNode key={name} path={[...path, name]} value={item} />
            ))}
          </ul>
        )}
        {isOpen && shown.length < entries.length && (
          <button class="button quiet" type="button" onClick={() => setExpanded(true)}>
            Show all {formatCount(entries.length)}
          </button>
        )}
      </details>
    </li>
  );
};
