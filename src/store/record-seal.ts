import { SealedValueError, type ValueSeal } from "../sealing/index.ts";
import type { Json } from "./store.ts";

/** A record is on disk, and not what was stored. The message says which, and what to do. */
export class DamagedRecordError extends Error {
  readonly kind: string;
  readonly key: string;

  constructor(kind: string, key: string, why: string, options?: ErrorOptions) {
    super(
      `Cannot read the record ${kind} ${JSON.stringify(key)}: ${why}; put the data folder back from a backup. Nothing was changed`,
      options,
    );
    this.name = "DamagedRecordError";
    this.kind = kind;
    this.key = key;
  }
}

/** Records as they are on disk: sealed, each to its kind and key. */
export class RecordSeal {
  readonly #seal: ValueSeal;

  constructor(seal: ValueSeal) {
    this.#seal = seal;
  }

  seal(kind: string, key: string, value: Json): Buffer {
    return this.sealText(kind, key, JSON.stringify(value));
  }

  /** @param text JSON. */
  sealText(kind: string, key: string, text: string): Buffer {
    return this.#seal.seal(text, [kind, key]);
  }

  /** @throws {DamagedRecordError} */
  open(kind: string, key: string, sealed: unknown): Json {
    if (!(sealed instanceof Uint8Array)) throw new DamagedRecordError(kind, key, "it is not sealed");
    try {
      return JSON.parse(this.#seal.open(sealed, [kind, key]).toString("utf8")) as Json;
    } catch (error) {
      if (!(error instanceof SealedValueError)) throw error;
      throw new DamagedRecordError(kind, key, error.message, { cause: error });
    }
  }
}
