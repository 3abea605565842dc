/**
 * Names for values whose own name is taken, so that no value replaces another.
 */
export class FreeNames {
  /** The next number for each name that was taken. Counting from the start each time would be quadratic. */
  readonly #numbers = new Map<string, number>();

  /**
   * Returns the first name that is not taken: `name`, then `name_2`, `name_3`, …
   */
  find(name: string, isTaken: (name: string) => boolean): string {
    if (!isTaken(name)) return name;
    let number = this.#numbers.get(name) ?? 2;
    while (isTaken(`${name}_${number}`)) number += 1;
    this.#numbers.set(name, number + 1);
    return `${name}_${number}`;
  }
}
