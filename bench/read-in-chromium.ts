/**
 * The console in Chromium: when the first logs are seen, and how the list scrolls.
 */
import type { Page } from "playwright-core";
import { startBrowser } from "../tests/support/browser.ts";

export interface ConsoleOptions {
  /** Where the console is, with what it filters. */
  readonly url: string;
  readonly token: string;
  /** Rows that are loaded and then scrolled through. */
  readonly rows: number;
}

export interface ConsoleCosts {
  /** From the navigation, nothing cached, to the frame that shows the first row. Milliseconds. */
  readonly firstRowsMs: number;
  readonly histogramMs: number;
  readonly rows: number;
}

/** The list of all rows, scrolled so many pixels a frame. Without any: what the machine itself can. */
export interface ScrollCosts {
  readonly pixelsAFrame: number;
  readonly framesPerSecond: number;
  readonly frameP95Ms: number;
  /** Frames that showed no row at all. */
  readonly emptyFrames: number;
  readonly frames: number;
}

const OPENINGS = 5;
/** Still, fast, and from the oldest row to the newest in 20 seconds. */
const PACES = [
  { pixelsAFrame: 0, frames: 300 },
  { pixelsAFrame: 300, frames: 600 },
  { pixelsAFrame: 2_500, frames: 1_200 },
];

interface Seen {
  rows?: number;
  histogram?: number;
}

/** Runs before the page's own scripts. */
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

/** Where the list stands in the page, and what a row is high. */
const findList = (): { grid: HTMLElement; rows: HTMLElement; rowHeight: number } => {
  const grid = document.querySelector<HTMLElement>('[role="grid"]');
  const row = grid?.querySelector<HTMLElement>('[role="row"][aria-selected]');
  const rows = row?.parentElement;
  if (!grid || !row || !rows) throw new Error("There is no list of logs.");
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

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** In the page: scrolls to the end until so many rows are there, or no more come; returns how many there are. */
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

/** In the page: scrolls up from the end, the same distance each frame, as far as there are rows. */
const scroll = async ({ pixelsAFrame, frames }: (typeof PACES)[number]): Promise<Scrolled> => {
  const { grid } = findList();
  grid.scrollTop = grid.scrollHeight;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const intervals: number[] = [];
  let empty = 0;
  let before = performance.now();
  while (intervals.length < frames && grid.scrollTop > 0) {
    grid.scrollTop -= pixelsAFrame;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    intervals.push(now - before);
    before = now;
    const { x, y, width, height } = grid.getBoundingClientRect();
    if (!document.elementFromPoint(x + width / 2, y + height / 2)?.closest('[role="row"]')) empty += 1;
  }
  return { intervals, empty };
};

/** `findList` goes along: what runs in a page brings its own. */
const runIn = <Argument, Result>(
  page: Page,
  run: (argument: Argument) => Promise<Result>,
  argument: Argument,
): Promise<Result> =>
  page.evaluate(
    `(() => { const findList = ${String(findList)}; return (${String(run)})(${JSON.stringify(argument)}); })()`,
  );

const toCosts = (pixelsAFrame: number, { intervals, empty }: Scrolled): ScrollCosts => {
  const seconds = intervals.reduce((sum, interval) => sum + interval, 0) / 1_000;
  const sorted = intervals.toSorted((a, b) => a - b);
  return {
    pixelsAFrame,
    framesPerSecond: Math.round((10 * intervals.length) / seconds) / 10,
    frameP95Ms: Math.round((sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN) * 10) / 10,
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
  for (const pace of PACES) scrolling.push(toCosts(pace.pixelsAFrame, await runIn(page, scroll, pace)));
  const costs = {
    firstRowsMs: Math.round(median(openings.map(({ rows }) => rows))),
    histogramMs: Math.round(median(openings.map(({ histogram }) => histogram))),
    rows,
  };
  return { costs, scrolling };
};
