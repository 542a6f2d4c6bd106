import type { SealedName } from "./sealed-stock.ts";

/** Why something was not stored. What had its name before is still there. */
export class SealedStoreError extends Error {
  readonly code: "DiskFull" | "TooLarge" | "StoreClosed" | "StoreFailed";

  constructor(
    code: SealedStoreError["code"],
    { kind, key }: SealedName,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot store ${kind} ${key.slice(0, 12)}: ${why}`, options);
    this.name = "SealedStoreError";
    this.code = code;
  }
}

export function tooLarge(name: SealedName, what: string, bytes: number, limit: number): SealedStoreError {
  return new SealedStoreError("TooLarge", name, `${what} has ${bytes} bytes, at most ${limit} are allowed`);
}

export function storeFailed(name: SealedName, cause: unknown): SealedStoreError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SealedStoreError("DiskFull", name, "the disk is full", { cause });
  }
  return new SealedStoreError("StoreFailed", name, cause instanceof Error ? cause.message : String(cause), {
    cause,
  });
}
