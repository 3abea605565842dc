import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["/"], "Search"],
  [["j", "↓"], "Next log"],
  [["k", "↑"], "Previous log"],
  [["Enter"], "Open the log"],
  [["Esc"], "Close what is open"],
  [["l"], "Live, or pause"],
  [["f"], "Filters"],
  [["?"], "This help"],
];

/** The keys that the page knows. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help card" ref={dialog} aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keyboard</h2>
      <dl>
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
    </dialog>
  );
};
