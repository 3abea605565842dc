import { useLayoutEffect, useRef } from "preact/hooks";
import { address } from "../address.ts";
import { toggleFacets } from "./facets/facet-settings.ts";
import type { LogFeed } from "./feed/log-feed.ts";
import { toggleLive } from "./live-button.tsx";
import { closeDetail, moveSelection, openRow, selectedKey } from "./selection.ts";

interface Shortcuts {
  readonly feed: LogFeed | undefined;
  readonly onHelp: () => void;
}

/** Elements that handle keys themselves. A dialog that was just closed may keep the focus until the next frame. */
const KEY_HANDLERS = "input, textarea, select, dialog[open]";
/** Elements that are activated with Enter. */
const ACTIVATABLE = "button, a, summary, [role='option']";

/** Keyboard shortcuts of the page. They do not apply while the user types. The search box handles `/`. */
export const useShortcuts = (shortcuts: Shortcuts): void => {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  // A layout effect runs in the same task as the render. An effect runs a frame later, and a key pressed in between
  // would be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, target, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || event.defaultPrevented) return;
      const isIn = (selector: string): boolean => target instanceof Element && target.closest(selector) !== null;
      if (isIn(KEY_HANDLERS)) return;
      const { feed, onHelp } = latest.current;
      const rows = feed?.rows ?? [];
      const isInDetail = isIn(".log-detail");
      const actions: Readonly<Record<string, (() => void) | undefined>> = {
        j: () => moveSelection(rows, 1),
        k: () => moveSelection(rows, -1),
        ArrowDown: isInDetail ? undefined : () => moveSelection(rows, 1),
        ArrowUp: isInDetail ? undefined : () => moveSelection(rows, -1),
        Enter: isIn(ACTIVATABLE)
          ? undefined
          : () => {
              const row = rows.find(({ key }) => key === selectedKey.value);
              if (row) openRow(row);
            },
        Escape: address.value.event === "" ? undefined : closeDetail,
        l: toggleLive,
        f: toggleFacets,
        "?": onHelp,
      };
      const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
};
