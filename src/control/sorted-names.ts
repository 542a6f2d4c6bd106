/** Names in ascending order, none twice. Finding a place takes the logarithm of how many there are. */
export class SortedNames {
  readonly #names: string[] = [];

  /** One that is there already is no error. */
  add(name: string): void {
    const at = this.#place(name);
    if (this.#names[at] !== name) this.#names.splice(at, 0, name);
  }

  /** One that is absent is no error. */
  delete(name: string): void {
    const at = this.#place(name);
    if (this.#names[at] === name) this.#names.splice(at, 1);
  }

  /** Those that are not before `name`. The names must not change while it is read. */
  *from(name: string): Generator<string, void> {
    for (let at = this.#place(name); at < this.#names.length; at++) yield this.#names[at] as string;
  }

  /** How many are before it. */
  #place(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#names[middle] as string) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
