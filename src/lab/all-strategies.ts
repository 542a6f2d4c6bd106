import { type StrategyId, strategyIds } from "./model.ts";
import { type BriskOptions, BriskStrategies } from "./strategies/brisk-strategies.ts";
import { frontStrategies } from "./strategies/front-strategies.ts";
import type { StartStrategy } from "./strategies/strategy.ts";
import { workerdStrategy } from "./strategies/workerd-strategy.ts";

/** Everything that can be measured, in the order in which it is shown, around the Brisk that they share. */
export class AllStrategies implements AsyncDisposable {
  readonly all: readonly StartStrategy[];
  readonly brisk: BriskStrategies;

  constructor(options: BriskOptions = {}) {
    this.brisk = new BriskStrategies(options);
    const all = [...frontStrategies, workerdStrategy, ...this.brisk.all];
    const place = ({ strategy }: StartStrategy) => strategyIds.indexOf(strategy.id as StrategyId);
    this.all = all.sort((a, b) => place(a) - place(b));
  }

  /** @throws {Error} Names one that there is none of. */
  pick(ids: readonly string[] | undefined): readonly StartStrategy[] {
    if (ids === undefined) return this.all;
    const unknown = ids.find((id) => !this.all.some(({ strategy }) => strategy.id === id));
    if (unknown !== undefined) throw new Error(`there is no strategy "${unknown}"`);
    return this.all.filter(({ strategy }) => ids.includes(strategy.id));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.brisk[Symbol.asyncDispose]();
  }
}
