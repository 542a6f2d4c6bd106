import { ValueSeal } from "../sealing/index.ts";

/** Seals access keys' secrets, each to the record that it belongs to. */
export class SecretSeal {
  readonly #seal: ValueSeal;

  /** @param installationKey Secret of this installation, at least 32 bytes. */
  constructor(installationKey: Uint8Array) {
    this.#seal = new ValueSeal(installationKey, "brisk access keys");
  }

  /** @param owner What the secret belongs to: only with the same owner it opens again. @returns Base64. */
  seal(secret: string, owner: string): string {
    return this.#seal.seal(secret, ["access key", owner]).toString("base64");
  }

  /** @throws {SealedValueError} It was sealed by another installation or for another owner, or was changed. */
  open(sealed: string, owner: string): string {
    return this.#seal.open(Buffer.from(sealed, "base64"), ["access key", owner]).toString("utf8");
  }
}
