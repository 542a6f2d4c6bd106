import { utf8Decode } from "../../../web/utf8.ts";

/** What a WebAssembly module says of itself, read from its bytes: where V8 freezes a heap there is nobody to ask. */
export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
}

export interface Binary {
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** By name, each with its bytes, in their order. */
  readonly custom: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Instantiating it runs code. */
  readonly hasStart: boolean;
  /** How many parameters a function has, by its index; 0 where the types are of a kind that this does not read. */
  parameters(index: number): number;
}

const kinds: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];
const Section = { custom: 0, type: 1, import: 2, function: 3, export: 7, start: 8 } as const;
const functionForm = 0x60;
/** `(ref null heaptype)` and `(ref heaptype)`: the only value types longer than a byte. */
const longReferences: ReadonlySet<number> = new Set([0x63, 0x64]);

/** Reads a binary that is valid: whoever calls has asked. */
export function readBinary(bytes: Uint8Array): Binary {
  const imports: Import[] = [];
  const exports: Export[] = [];
  const custom: { name: string; bytes: Uint8Array }[] = [];
  let counts: number[] = [];
  const functionTypes: number[] = [];
  let hasStart = false;
  const reader = new Reader(bytes, 8, bytes.length);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.part(reader.number());
    switch (id) {
      case Section.custom:
        custom.push({ name: section.name(), bytes: section.rest() });
        break;
      case Section.type:
        counts = parameterCounts(section);
        break;
      case Section.import:
        section.list(() => {
          const module = section.name();
          const name = section.name();
          const kind = kinds[section.byte()]!;
          const type = skipDescription(section, kind);
          if (kind === "function") functionTypes.push(type);
          imports.push({ module, name, kind });
        });
        break;
      case Section.function:
        section.list(() => functionTypes.push(section.number()));
        break;
      case Section.export:
        section.list(() => {
          const name = section.name();
          const kind = kinds[section.byte()]!;
          exports.push({ name, kind, index: section.number() });
        });
        break;
      case Section.start:
        hasStart = true;
        break;
    }
  }
  return { imports, exports, custom, hasStart, parameters: (index) => counts[functionTypes[index]!] ?? 0 };
}

/** Answers with a function's type. */
function skipDescription(section: Reader, kind: ExternalKind): number {
  if (kind === "function") return section.number();
  if (kind === "tag") section.byte();
  if (kind === "tag") return section.number();
  if (kind !== "memory") skipValueType(section);
  if (kind === "global") return section.byte();
  const limits = section.byte();
  section.number();
  return (limits & 1) === 0 ? 0 : section.number();
}

function skipValueType(section: Reader): void {
  if (longReferences.has(section.byte())) section.number();
}

/** For modules of before garbage-collected types, which is nearly all of them. */
function parameterCounts(section: Reader): number[] {
  const counts: number[] = [];
  let isKnown = true;
  section.list(() => {
    if (!isKnown || section.byte() !== functionForm) {
      isKnown = false;
      return;
    }
    let parameters = 0;
    section.list(() => {
      skipValueType(section);
      parameters++;
    });
    section.list(() => skipValueType(section));
    counts.push(parameters);
  });
  return isKnown ? counts : [];
}

class Reader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** LEB128; also of 64 bits, whose size alone matters here. */
  number(): number {
    let result = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return result;
    }
  }

  name(): string {
    const length = this.number();
    const from = this.#at;
    this.#at += length;
    return utf8Decode(this.#bytes.subarray(from, this.#at), false) ?? "";
  }

  part(length: number): Reader {
    const from = this.#at;
    this.#at += length;
    return new Reader(this.#bytes, from, this.#at);
  }

  rest(): Uint8Array {
    return this.#bytes.slice(this.#at, this.#end);
  }

  list(each: () => void): void {
    for (let left = this.number(); left > 0 && this.#at <= this.#end; left--) each();
  }
}
