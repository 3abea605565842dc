/**
 * The methods of `events` that mqtt.js, mqtt-packet and users of a client call.
 *
 * mqtt.js copies the methods of the prototype into one of its classes and never calls the constructor, so the methods must
 * not depend on a constructor.
 */
type Listener = (...args: unknown[]) => void;

interface Entry {
  /** The listener passed to `on` or `once`. */
  readonly listener: Listener;
  readonly isOnce: boolean;
  /** An `emit` within a listener may have called it before this loop reaches it. */
  isSpent?: boolean;
}

export class EventEmitter {
  declare _entries: Map<string, readonly Entry[]> | undefined;

  on(event: string, listener: Listener): this {
    return this._add(event, { listener, isOnce: false });
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  once(event: string, listener: Listener): this {
    return this._add(event, { listener, isOnce: true });
  }

  off(event: string, listener: Listener): this {
    const entries = this._entries?.get(event) ?? [];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this._entries?.set(event, entries.toSpliced(index, 1));
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: string): this {
    if (event === undefined) this._entries?.clear();
    else this._entries?.delete(event);
    return this;
  }

  listeners(event: string): Listener[] {
    return (this._entries?.get(event) ?? []).map(({ listener }) => listener);
  }

  listenerCount(event: string): number {
    return this.listeners(event).length;
  }

  /** Without effect: the number of listeners is not limited. */
  setMaxListeners(): this {
    return this;
  }

  emit(event: string, ...args: unknown[]): boolean {
    const entries = this._entries?.get(event) ?? [];
    if (entries.length === 0 && event === "error") throw args[0];
    // Lists are replaced, never changed, so a listener may add or remove others during this loop.
    for (const entry of entries) {
      if (entry.isSpent === true) continue;
      if (entry.isOnce) this._spend(event, entry);
      entry.listener.apply(this, args);
    }
    return entries.length > 0;
  }

  _add(event: string, entry: Entry): this {
    this._entries ??= new Map();
    this._entries.set(event, [...(this._entries.get(event) ?? []), entry]);
    return this;
  }

  _spend(event: string, entry: Entry): void {
    entry.isSpent = true;
    const entries = this._entries?.get(event) ?? [];
    this._entries?.set(
      event,
      entries.filter((other) => other !== entry),
    );
  }
}

export default EventEmitter;
