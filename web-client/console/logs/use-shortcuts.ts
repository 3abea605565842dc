import { useLayoutEffect, useRef } from "preact/hooks";
import { address } from "../address.ts";
import { toggleFacets } from "./facets/facet-settings.ts";
import type { LogFeed } from "./feed/log-feed.ts";
import { toggleLive } from "./live-button.tsx";
import { closeDetail, moveSelection, openRow, selectedId } from "./selection.ts";

interface Shortcuts {
  readonly feed: LogFeed | undefined;
  readonly onHelp: () => void;
}

/** Where keys have a meaning of their own. A dialog that was just closed may have the focus until the next frame. */
const TYPING = "input, textarea, select, dialog[open]";
const PRESSABLE = "button, a, summary, [role='option']";

/** The page's keys, wherever the focus is, unless somebody types. `/` is the search box's own. */
export const useShortcuts = (shortcuts: Shortcuts): void => {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  // Not an effect, which runs a frame after the render: a key pressed in between would be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, target, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || event.defaultPrevented) return;
      const on = (selector: string): boolean => target instanceof Element && target.closest(selector) !== null;
      if (on(TYPING)) return;
      const { feed, onHelp } = latest.current;
      const rows = feed?.rows ?? [];
      const isInDetail = on(".log-detail");
      const actions: Readonly<Record<string, (() => void) | undefined>> = {
        j: () => moveSelection(rows, 1),
        k: () => moveSelection(rows, -1),
        ArrowDown: isInDetail ? undefined : () => moveSelection(rows, 1),
        ArrowUp: isInDetail ? undefined : () => moveSelection(rows, -1),
        Enter: on(PRESSABLE)
          ? undefined
          : () => {
              const row = rows.find(({ id }) => id === selectedId.value);
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
