import { InvalidParameterValueException } from "../model/errors.ts";
import type { FunctionEntry } from "./records.ts";

/** Lambda keeps this much for the functions that reserve nothing (spec: limits.md). */
const leastUnreserved = 100;

/**
 * The account's concurrency and what functions take out of it. A reservation includes what is provisioned for the
 * function; without one, that comes from the account's pool.
 */
export class AccountConcurrency {
  /** Invocations that may run at once. */
  readonly limit: number;
  readonly #entries: () => Iterable<FunctionEntry>;

  constructor(limit: number, entries: () => Iterable<FunctionEntry>) {
    this.limit = limit;
    this.#entries = entries;
  }

  /** What is left for functions without a reservation; negative when the server was started with less than is reserved. */
  unreserved(): number {
    let left = this.limit;
    for (const entry of this.#entries()) left -= taken(entry);
    return left;
  }

  /** An account that has less than 100 can reserve none of it. */
  get leastUnreserved(): number {
    return Math.min(leastUnreserved, this.limit);
  }

  /** Whether a function's taking `wanted` would leave too little. To take less than before is always allowed. */
  leavesTooLittle(entry: FunctionEntry, wanted: number): boolean {
    const before = taken(entry);
    return wanted > before && this.unreserved() + before - wanted < this.leastUnreserved;
  }
}

/** Environments that were asked for ahead, over all versions and aliases but `exceptQualifier`. */
export function provisioned({ settings }: FunctionEntry, exceptQualifier?: string): number {
  let sum = 0;
  for (const { qualifier, requested } of settings.provisioned.values()) {
    if (qualifier !== exceptQualifier) sum += requested;
  }
  return sum;
}

function taken(entry: FunctionEntry): number {
  return entry.record.reservedConcurrency ?? provisioned(entry);
}

/** Recorded: what would break a limit of the account is refused without a `Type`. */
export function limitRefusal(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException(message, { hasType: false });
}

/** Changes of concurrency are looked at one after the other, whatever function they are of. */
export const accountQueue = "the account's concurrency";
