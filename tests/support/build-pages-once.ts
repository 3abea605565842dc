/**
 * Global setup of vitest: builds demo and console before the test files start, so that no two files build them at the same
 * time and one of them opens a page whose scripts the other has just replaced.
 */
import { buildPages } from "../../stack/lib/build-pages.ts";

export const setup = async (): Promise<void> => {
  await buildPages();
};
