/** Sections of all packs of a host that were used last: small files lie beside each other, and large ones are read in steps. */
export class SectionCache {
  readonly #maxSections: number;
  /** By pack and number. The order of a Map is that of insertion: the first one is the least recently used. */
  readonly #sections = new Map<string, Uint8Array>();
  #packs = 0;

  /** @param maxSections Of 64 KiB each. */
  constructor(maxSections = 64) {
    this.#maxSections = maxSections;
  }

  newPack(): number {
    return this.#packs++;
  }

  get(pack: number, section: number): Uint8Array | undefined {
    const key = `${pack}/${section}`;
    const content = this.#sections.get(key);
    if (content === undefined) return undefined;
    this.#sections.delete(key);
    this.#sections.set(key, content);
    return content;
  }

  set(pack: number, section: number, content: Uint8Array): void {
    this.#sections.set(`${pack}/${section}`, content);
    if (this.#sections.size <= this.#maxSections) return;
    const [oldest] = this.#sections.keys();
    if (oldest !== undefined) this.#sections.delete(oldest);
  }

  forget(pack: number): void {
    for (const key of [...this.#sections.keys()]) if (key.startsWith(`${pack}/`)) this.#sections.delete(key);
  }
}
