/**
 * Stops reading from the broker while the messages that the relay holds exceed a limit.
 */
export class BackPressure {
  readonly #isFull: () => boolean;
  readonly #resumes: (() => void)[] = [];
  #isDisabled = false;

  constructor(isFull: () => boolean) {
    this.#isFull = isFull;
  }

  /** Returns `undefined` to continue reading, or a promise that resolves when reading may continue. */
  pauseIfFull(): Promise<void> | undefined {
    if (this.#isDisabled || !this.#isFull()) return undefined;
    return new Promise((resolve) => this.#resumes.push(resolve));
  }

  /** Call after a message has been released. */
  resumeIfRoom(): void {
    if (!this.#isFull()) this.#resume();
  }

  /** Never pauses again. Needed for stopping: the end of the connection can be read only after all data before it. */
  disable(): void {
    this.#isDisabled = true;
    this.#resume();
  }

  #resume(): void {
    for (const resume of this.#resumes.splice(0)) resume();
  }
}
