/** The script of a page that shows a live tail: what it was given, for a test to look at. */
import { startTail, type TailEvent } from "../../web-client/console/live/start-tail.ts";

declare global {
  interface Window {
    readonly tailEvents: TailEvent[];
    readonly watchTail: (token: string) => void;
  }
}

const tailEvents: TailEvent[] = [];

Object.assign(window, {
  tailEvents,
  watchTail: (token: string) =>
    startTail({
      token,
      onEvents: (events) => tailEvents.push(...events),
      onState: (state) => (document.title = state),
    }),
});
