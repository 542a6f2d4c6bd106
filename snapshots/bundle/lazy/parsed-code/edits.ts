interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Changes to a text by its own positions. What is inserted at one place stands there in the order in which it came. */
export class Edits {
  readonly #edits: Edit[] = [];

  get isEmpty(): boolean {
    return this.#edits.length === 0;
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  replace(node: { readonly start: number; readonly end: number }, text: string): void {
    this.#edits.push({ start: node.start, end: node.end, text });
  }

  /** Takes a part away, but for its line ends: what follows stays in its line. */
  remove(code: string, start: number, end: number): void {
    this.#edits.push({ start, end, text: code.slice(start, end).replace(/[^\n]+/g, "") });
  }

  /** @returns The text with all changes. */
  apply(code: string): string {
    // Stable: one place, one order. What is inserted stands before what takes the place of the text there.
    const sorted = this.#edits.toSorted(
      (a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start),
    );
    let result = "";
    let at = 0;
    for (const { start, end, text } of sorted) {
      result += code.slice(at, start) + text;
      at = end;
    }
    return result + code.slice(at);
  }
}
