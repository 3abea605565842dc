import type { JSX } from "preact";
import { navigate } from "../address.ts";
import { Dialog } from "../components/dialog.tsx";

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["/"], "Search"],
  [["j", "↓"], "Next log"],
  [["k", "↑"], "Previous log"],
  [["Enter"], "Open log"],
  [["Esc"], "Close"],
  [["l"], "Pause or resume live updates"],
  [["f"], "Show or hide filters"],
  [["?"], "Show this help"],
];

/** Examples of the query language. QUERY.md is its description. */
const EXAMPLES: readonly (readonly [q: string, meaning: string])[] = [
  ["checkout", "A word in messages or exceptions, or a complete id or value"],
  ['"payment failed"', "These words in this order"],
  ["check*", "Words that begin with check"],
  ["level:>=warn", "This level and above"],
  ["user.email:ann@acme.com", "A field with exactly this value"],
  ["user.email:*@acme.com", "A field that matches a pattern"],
  ["duration:>500", "Compares numbers; ranges: 500..599, ..3"],
  ["time:>now-15m", "Times"],
  ["user.id:*", "Logs that have the field"],
  ["-level:debug", "Excludes matching logs; same as NOT and !"],
  ["level:error OR checkout", "At least one of the two; without OR, both must match"],
  ["level:(warn OR error) -bot", "Groups"],
];

const search = (q: string, onClose: () => void): void => {
  navigate({ filter: { q } });
  onClose();
};

/** Dialog with the query language and the keyboard shortcuts. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }): JSX.Element => (
  <Dialog title="Help" onClose={onClose}>
    <h3>Search</h3>
    <dl class="help help-queries">
      {EXAMPLES.map(([q, meaning]) => (
        <div key={q}>
          <dt>
            <button class="button small" type="button" title="Search for this" onClick={() => search(q, onClose)}>
              <code>{q}</code>
            </button>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
    <h3>Keyboard shortcuts</h3>
    <dl class="help">
      {KEYS.map(([keys, meaning]) => (
        <div key={meaning}>
          <dt>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
    <form method="dialog">
      <button class="button" type="submit">
        Close
      </button>
    </form>
  </Dialog>
);
