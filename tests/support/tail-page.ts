/** Script of a test page that opens a live tail and exposes the received events. */
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
