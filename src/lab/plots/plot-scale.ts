/** A scale whose place on paper is known before it is drawn, so that labels can be kept from each other. */
export interface PlotScale {
  readonly domain: readonly [number, number];
  readonly isLog: boolean;
  readonly ticks: readonly number[];
  toPixel(value: number): number;
  fromPixel(pixel: number): number;
}

export interface PlotScaleOptions {
  readonly lengthPx: number;
  /** Pixels grow downwards: true for a vertical scale. */
  readonly isVertical?: boolean;
  /** A linear scale begins at zero. */
  readonly withZero?: boolean;
  /** Largest over smallest value from which on the scale is logarithmic. */
  readonly logFrom?: number;
}

/** Linear, or logarithmic where the values differ so much that a linear one would hide the small ones. */
export function plotScale(values: readonly number[], options: PlotScaleOptions): PlotScale {
  const { lengthPx, isVertical = false, withZero = true, logFrom = 8 } = options;
  const shown = values.filter((value) => Number.isFinite(value));
  const [min, max] = [Math.min(...shown), Math.max(...shown)];
  const isLog = min > 0 && max / min >= logFrom;
  const from = isLog ? min / 1.15 : withZero ? Math.min(0, min) : min - (max - min || max || 1) * 0.05;
  const to = isLog ? max * 1.15 : max + (max - from || 1) * 0.04;
  const along = (value: number) =>
    isLog ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return {
    domain: [from, to],
    isLog,
    ticks: isLog ? logTicks(from, to) : linearTicks(from, to),
    toPixel: (value) => lengthPx * (isVertical ? 1 - along(value) : along(value)),
    fromPixel: (pixel) => {
      const share = isVertical ? 1 - pixel / lengthPx : pixel / lengthPx;
      return isLog ? from * (to / from) ** share : from + (to - from) * share;
    },
  };
}

/** What Vega-Lite calls a scale. */
export function scaleSpec({ domain, isLog }: PlotScale) {
  const common = { domain: [...domain], nice: false };
  return isLog ? { type: "log", ...common } : { type: "linear", zero: false, ...common };
}

/**
 * Moves labels apart along one direction, each as little as the others allow.
 * @param wantedPx Where each would stand. @returns Where each stands, in the same order.
 */
export function spreadLabels(wantedPx: readonly number[], gapPx: number, lengthPx: number): number[] {
  const order = wantedPx.map((wanted, index) => ({ wanted, index })).sort((a, b) => a.wanted - b.wanted);
  // Labels that touch form a block, which stands where its members want it on average.
  const blocks: { members: number[]; sum: number; start: number }[] = [];
  for (const { wanted, index } of order) {
    let block = { members: [index], sum: wanted, start: wanted };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.start + last.members.length * gapPx <= block.start) break;
      blocks.pop();
      const members = [...last.members, ...block.members];
      // Each member wants its own place minus its distance from the block's start.
      const sum = last.sum + block.sum - last.members.length * block.members.length * gapPx;
      block = { members, sum, start: sum / members.length };
    }
    const room = Math.max(0, lengthPx - (block.members.length - 1) * gapPx);
    block.start = Math.min(Math.max(0, block.start), room);
    blocks.push(block);
  }
  const places = new Array<number>(wantedPx.length);
  for (const { members, start } of blocks) {
    for (const [position, index] of members.entries()) places[index] = start + position * gapPx;
  }
  return places;
}

/** 1, 2 and 5 of each decade; over many decades only the 1. */
function logTicks(from: number, to: number): number[] {
  const steps = to / from > 3000 ? [1] : to / from < 12 ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(from)); decade <= Math.ceil(Math.log10(to)); decade++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** decade).toPrecision(3));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}

function linearTicks(from: number, to: number): number[] {
  const raw = (to - from) / 6;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * decade >= raw) ?? 10) * decade;
  const ticks: number[] = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++) ticks.push(Number((n * step).toPrecision(6)));
  return ticks;
}
