import type { Claim, Interval, Target } from "./model.ts";
import { type IntervalOptions, median, ratioInterval } from "./statistics.ts";

export interface ClaimInput {
  readonly label: string;
  readonly unit: string;
  readonly value: number | null;
  readonly interval?: Interval | null;
  readonly target: Target;
  readonly note?: string;
}

/** A promise with its verdict. The value decides, not the interval: a reader sees both. */
export function claim({ label, unit, value, interval, target, note }: ClaimInput): Claim {
  const isMet = value === null ? null : "atMost" in target ? value <= target.atMost : value >= target.atLeast;
  return { label, unit, value, interval: interval ?? null, target, isMet, note: note ?? null };
}

export interface RatioClaimInput {
  readonly label: string;
  readonly target: Target;
  /** Milliseconds; null where it did not run, and then `note` says why. */
  readonly of: readonly number[] | null;
  readonly over: readonly number[] | null;
  readonly note?: string;
}

/** As `at most 0.45 × code cache`: the ratio of two medians. */
export function ratioClaim(input: RatioClaimInput, options: IntervalOptions): Claim {
  const { label, target, of, over, note } = input;
  const common = { label, unit: "×", target, ...(note === undefined ? {} : { note }) };
  if (of === null || over === null || of.length === 0 || over.length === 0) {
    return claim({ ...common, value: null });
  }
  return claim({ ...common, value: median(of) / median(over), interval: ratioInterval(of, over, options) });
}
