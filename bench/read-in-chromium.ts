/**
 * Measures the console in Chromium: the time until the first logs are visible, and the scrolling of the list.
 */
import type { Page } from "playwright-core";
import { startBrowser } from "../tests/support/browser.ts";
import { median, quantile } from "./quantile.ts";

export interface ConsoleOptions {
  /** URL of the console, with its filters. */
  readonly url: string;
  readonly token: string;
  /** Number of rows to load and scroll through. */
  readonly rows: number;
}

export interface ConsoleCosts {
  /** Milliseconds from the navigation, without cache, to the frame with the first row. */
  readonly firstRowsMs: number;
  readonly histogramMs: number;
  readonly rows: number;
}

/** Frame rate while the list scrolls by a number of pixels per frame; 0 pixels is the baseline of the machine. */
export interface ScrollCosts {
  readonly pixelsPerFrame: number;
  readonly framesPerSecond: number;
  readonly frameP95Ms: number;
  /** Frames without a visible row. */
  readonly emptyFrames: number;
  readonly frames: number;
}

const OPENINGS = 5;
/** No scrolling, fast scrolling, and all rows in 20 seconds. */
const PACES = [
  { pixelsPerFrame: 0, frames: 300 },
  { pixelsPerFrame: 300, frames: 600 },
  { pixelsPerFrame: 2_500, frames: 1_200 },
];

interface Seen {
  rows?: number;
  histogram?: number;
}

/** In the page, before its scripts: records when the first row and the histogram are painted. */
const watch = (): void => {
  const seen: Seen = ((globalThis as { seen?: Seen }).seen = {});
  const selectors = { rows: '[role="row"][aria-selected]', histogram: "canvas" } as const;
  new MutationObserver(() => {
    for (const [name, selector] of Object.entries(selectors) as [keyof Seen, string][]) {
      if (name in seen || document.querySelector(selector) === null) continue;
      seen[name] = 0;
      requestAnimationFrame(() => setTimeout(() => (seen[name] = performance.now())));
    }
  }).observe(document, { childList: true, subtree: true });
};

/** In the page: finds the list and the height of a row. */
const findList = (): { grid: HTMLElement; rows: HTMLElement; rowHeight: number } => {
  const grid = document.querySelector<HTMLElement>('[role="grid"]');
  const row = grid?.querySelector<HTMLElement>('[role="row"][aria-selected]');
  const rows = row?.parentElement;
  if (!grid || !row || !rows) throw new Error("The page has no list of logs.");
  return { grid, rows, rowHeight: row.offsetHeight };
};

const openConsole = async (page: Page, { url, token }: ConsoleOptions): Promise<Required<Seen>> => {
  await page.addInitScript(watch);
  await page.goto(`${url}#token=${token}`);
  const seen = await page.waitForFunction(() => {
    const { seen } = globalThis as { seen?: Seen };
    return seen?.rows && seen.histogram ? { rows: seen.rows, histogram: seen.histogram } : false;
  });
  return (await seen.jsonValue()) as Required<Seen>;
};

/** In the page: scrolls down until `wanted` rows are loaded or no more arrive; returns the number of rows. */
const loadRows = async (wanted: number): Promise<number> => {
  const { grid, rows, rowHeight } = findList();
  let height = 0;
  let grownAt = performance.now();
  while (rows.offsetHeight / rowHeight < wanted && performance.now() - grownAt < 15_000) {
    if (rows.offsetHeight > height) grownAt = performance.now();
    height = rows.offsetHeight;
    grid.scrollTo(0, grid.scrollHeight);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Math.round(rows.offsetHeight / rowHeight);
};

interface Scrolled {
  readonly intervals: readonly number[];
  readonly empty: number;
}

/** In the page: scrolls up from the end by the same distance per frame. */
const scroll = async ({ pixelsPerFrame, frames }: (typeof PACES)[number]): Promise<Scrolled> => {
  const { grid } = findList();
  grid.scrollTop = grid.scrollHeight;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const intervals: number[] = [];
  let empty = 0;
  let before = performance.now();
  while (intervals.length < frames && grid.scrollTop > 0) {
    grid.scrollTop -= pixelsPerFrame;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    intervals.push(now - before);
    before = now;
    const { x, y, width, height } = grid.getBoundingClientRect();
    if (!document.elementFromPoint(x + width / 2, y + height / 2)?.closest('[role="row"]')) empty += 1;
  }
  return { intervals, empty };
};

/** Runs a function in the page, together with `findList`, which it may call. */
const runIn = <Argument, Result>(
  page: Page,
  run: (argument: Argument) => Promise<Result>,
  argument: Argument,
): Promise<Result> =>
  page.evaluate(
    `(() => { const findList = ${String(findList)}; return (${String(run)})(${JSON.stringify(argument)}); })()`,
  );

const toCosts = (pixelsPerFrame: number, { intervals, empty }: Scrolled): ScrollCosts => {
  const seconds = intervals.reduce((sum, interval) => sum + interval, 0) / 1_000;
  return {
    pixelsPerFrame,
    framesPerSecond: Math.round((10 * intervals.length) / seconds) / 10,
    frameP95Ms: Math.round(quantile(intervals, 0.95) * 10) / 10,
    emptyFrames: empty,
    frames: intervals.length,
  };
};

export const measureConsole = async (
  options: ConsoleOptions,
): Promise<{ readonly costs: ConsoleCosts; readonly scrolling: readonly ScrollCosts[] }> => {
  const openings: Required<Seen>[] = [];
  for (let i = 0; i < OPENINGS; i += 1) {
    await using browser = await startBrowser();
    openings.push(await openConsole(await browser.context.newPage(), options));
  }
  await using browser = await startBrowser();
  const page = await browser.context.newPage();
  await openConsole(page, options);
  await page.keyboard.press("l");
  const rows = await runIn(page, loadRows, options.rows);
  const scrolling: ScrollCosts[] = [];
  for (const pace of PACES) scrolling.push(toCosts(pace.pixelsPerFrame, await runIn(page, scroll, pace)));
  const costs = {
    firstRowsMs: Math.round(median(openings.map(({ rows }) => rows))),
    histogramMs: Math.round(median(openings.map(({ histogram }) => histogram))),
    rows,
  };
  return { costs, scrolling };
};
