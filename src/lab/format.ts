import type { Claim, Interval, Target } from "./model.ts";

/** Three digits that matter, as in `0.421 ms`, `8.42 ms`, `13.1 ms`, `172 ms`, `1.24 s`. */
export function formatMs(ms: number): string {
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

/** Without a unit, for a column whose head has it. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString("en-US");
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(size >= 0.9995 || size === 0 ? 2 : 3);
}

/** In MB of a million bytes, or kB of a thousand where that is too coarse. */
export function formatSize(bytes: number): string {
  if (bytes < 1e3) return `${Math.round(bytes)} B`;
  return bytes < 1e5 ? `${digits(bytes / 1e3)} kB` : `${digits(bytes / 1e6)} MB`;
}

export function formatRatio(ratio: number): string {
  return `${digits(ratio)} ×`;
}

/** As in `12.9–13.4`. */
export function formatInterval({ low, high }: Interval): string {
  return `${digits(low)}–${digits(high)}`;
}

export function formatTarget(target: Target, unit: string): string {
  const [word, value] = "atMost" in target ? ["≤", target.atMost] : ["≥", target.atLeast];
  return `${word} ${value} ${unit}`.trimEnd();
}

export function formatClaimValue({ value, unit }: Claim): string {
  return value === null ? "not measured" : `${digits(value)} ${unit}`.trimEnd();
}

/** From $0.0000021 to $12.40: two digits that matter, and cents from a dollar on. */
export function formatUsd(usd: number): string {
  if (usd >= 0.995 || usd === 0) return `$${usd.toFixed(2)}`;
  const places = Math.min(12, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(places)}`;
}
