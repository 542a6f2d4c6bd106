import { setCloningRules } from "../../cloning.ts";
import { showAs } from "../../inspection.ts";
import { asInterface, illegalConstructor, invalidThis } from "../crypto.ts";

export type KeyType = "secret" | "private" | "public";

/** What a key is. Only the module's functions see it: a script that has the CryptoKey has no way to the bytes. */
export interface KeyRecord {
  readonly type: KeyType;
  readonly extractable: boolean;
  /** As the host sends it, with a public exponent as a list of its bytes. */
  readonly algorithm: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly usages: readonly string[];
  /** Raw bytes of a secret, PKCS #8 of a private key, SPKI of a public one. Kept here so that a frozen heap has them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const { Uint8Array: PrimordialUint8Array } = globalThis;

let beingMade: KeyRecord | undefined;
export let recordOf: (key: unknown) => KeyRecord | undefined;

export class CryptoKey {
  readonly #record: KeyRecord;
  // The same objects each time they are asked for. What a script does to them changes nothing.
  #algorithm: object | undefined;
  #usages: string[] | undefined;

  static {
    recordOf = (key) =>
      typeof key === "object" && key !== null && #record in key ? (key as CryptoKey).#record : undefined;
  }

  constructor() {
    if (beingMade === undefined) throw illegalConstructor();
    this.#record = beingMade;
    beingMade = undefined;
  }

  get type(): KeyType {
    return record(this).type;
  }

  get extractable(): boolean {
    return record(this).extractable;
  }

  get algorithm(): object {
    const { algorithm } = record(this);
    this.#algorithm ??= copied(algorithm);
    return this.#algorithm;
  }

  get usages(): string[] {
    const { usages } = record(this);
    this.#usages ??= [...usages];
    return this.#usages;
  }
}

asInterface(CryptoKey);
// As it is, whatever a script did to the objects that it was given.
showAs(CryptoKey.prototype, (key) => {
  const { type, extractable, algorithm, usages } = record(key);
  return { type, extractable, algorithm: copied(algorithm), usages: [...usages] };
});
setCloningRules(CryptoKey.prototype, {
  clone(key) {
    const found = recordOf(key);
    return found === undefined ? undefined : makeKey(found);
  },
});

export function makeKey(record: KeyRecord): CryptoKey {
  beingMade = record;
  return new CryptoKey();
}

function record(key: CryptoKey): KeyRecord {
  const found = recordOf(key);
  if (found === undefined) throw invalidThis("CryptoKey");
  return found;
}

function copied(algorithm: object): object {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(algorithm)) {
    if (name === "publicExponent") copy[name] = new PrimordialUint8Array(value as number[]);
    else copy[name] = typeof value === "object" && value !== null ? copied(value) : value;
  }
  return copy;
}
