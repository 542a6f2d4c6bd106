import { UsageError } from "./cli-error.ts";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @throws {UsageError} Neither a duration nor a time. */
export function toEpochMs(text: string, nowMs: number): number {
  const duration = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (duration) return Math.round(nowMs - Number(duration[1]) * unitMs[duration[2] as keyof typeof unitMs]);
  const timeMs = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UsageError(
      `--since "${text}" is neither a duration such as 10m nor a time such as 2026-01-31T12:00:00Z`,
    );
  }
  return timeMs;
}

/** @throws {UsageError} It is no number. */
export function toCount(text: string): string {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--limit "${text}" is not a whole number up to 999999`);
  return text;
}
