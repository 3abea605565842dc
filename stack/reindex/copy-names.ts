/** The names of an index and of its copies with a changed mapping: `logs-30d-2026.11.29`, `logs-30d-2026.11.29-r1`, … */
import { parseIndexPeriod } from "#contract/store/index-period.ts";

const SUFFIX = /-r(\d+)$/;

/** The name under which the Worker writes to an index or its copy. Other names stay as they are. */
export const toBaseName = (index: string): string =>
  parseIndexPeriod(index) === undefined ? index : index.replace(SUFFIX, "");

/** 0 for an index that is not a copy. */
export const toGeneration = (index: string): number =>
  toBaseName(index) === index ? 0 : Number(SUFFIX.exec(index)?.[1]);
