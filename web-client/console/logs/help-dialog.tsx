import type { JSX } from "preact";
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

/** Dialog with the keyboard shortcuts. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }): JSX.Element => (
  <Dialog title="Keyboard shortcuts" onClose={onClose}>
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
