/** Changes of one thing happen one after the other, in the order of the calls; of different things, at once. */
export class ChangeOrder {
  /** The last change of each thing that has one under way. */
  readonly #last = new Map<string, Promise<void>>();

  /** @throws What the change throws; the next one runs all the same. */
  run(thing: string, change: () => Promise<void>): Promise<void> {
    const changed = (this.#last.get(thing) ?? Promise.resolve()).then(change);
    const settled = changed
      .catch(() => {})
      .then(() => {
        if (this.#last.get(thing) === settled) this.#last.delete(thing);
      });
    this.#last.set(thing, settled);
    return changed;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}
