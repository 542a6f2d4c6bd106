import type { ContextRunner } from "./async-context.ts";

/** A timer or an immediate. */
export interface Queued {
  readonly id: number;
  /** Guest clock, ms. */
  dueMs: number;
  readonly args: readonly unknown[];
  /** Of whoever set it. */
  readonly context: ContextRunner;
  isRef: boolean;
  /** It waits for its time. */
  isSet: boolean;
}

/** What waits for its turn, in the order of Node's loop: a round is the timers due when it begins, then the immediates set by then. */
export class TimerQueue<E extends Queued> {
  // Ordered by time, then by age. A function rarely has more than a handful, so a sorted array beats a heap here.
  #timers: E[] = [];
  /** For the next round; and those of this round that have not run. */
  #immediates: E[] = [];
  #round: E[] = [];
  /** While timers of this round run: when it began, on the guest's clock, ms. */
  #roundMs: number | undefined;

  addTimer(entry: E, dueMs: number): void {
    if (entry.isSet) this.removeTimer(entry);
    entry.isSet = true;
    entry.dueMs = dueMs;
    const timers = this.#timers;
    let index = timers.length;
    while (index > 0 && timers[index - 1]!.dueMs > dueMs) {
      timers[index] = timers[index - 1]!;
      index--;
    }
    timers[index] = entry;
  }

  removeTimer(entry: E): void {
    entry.isSet = false;
    this.#timers = without(this.#timers, entry);
  }

  addImmediate(entry: E): void {
    entry.isSet = true;
    this.#immediates[this.#immediates.length] = entry;
  }

  removeImmediate(entry: E): void {
    entry.isSet = false;
    this.#immediates = without(this.#immediates, entry);
    this.#round = without(this.#round, entry);
  }

  /** Whether one of them keeps the event loop alive. */
  isAlive(): boolean {
    return hasRef(this.#timers) || hasRef(this.#round) || hasRef(this.#immediates);
  }

  aliveNames(): string[] {
    const names: string[] = [];
    addNames(names, this.#timers, "Timeout");
    addNames(names, this.#round, "Immediate");
    addNames(names, this.#immediates, "Immediate");
    return names;
  }

  /** On the guest's clock, ms; 0 for at once, undefined for never. */
  nextDueMs(): number | undefined {
    if (this.#round.length > 0 || this.#immediates.length > 0) return 0;
    return this.#timers[0]?.dueMs;
  }

  /** Takes what comes next, if that is due. */
  takeDue(now: () => number): E | undefined {
    for (;;) {
      const next = this.#round[0];
      if (next !== undefined) {
        next.isSet = false;
        this.#round = without(this.#round, next);
        return next;
      }
      this.#roundMs ??= now();
      const timer = this.#timers[0];
      if (timer !== undefined && timer.dueMs <= this.#roundMs) {
        this.removeTimer(timer);
        return timer;
      }
      this.#roundMs = undefined;
      if (this.#immediates.length > 0) {
        this.#round = this.#immediates;
        this.#immediates = [];
      } else if (timer === undefined || timer.dueMs > now()) return undefined;
    }
  }
}

/** Not by the array's own methods: user code may have replaced them. */
function without<E>(list: readonly E[], entry: E): E[] {
  const kept: E[] = [];
  let length = 0;
  for (let index = 0; index < list.length; index++) {
    if (list[index] !== entry) kept[length++] = list[index]!;
  }
  return kept;
}

function hasRef(list: readonly Queued[]): boolean {
  for (let index = 0; index < list.length; index++) if (list[index]!.isRef) return true;
  return false;
}

function addNames(names: string[], list: readonly Queued[], name: string): void {
  for (let index = 0; index < list.length; index++) if (list[index]!.isRef) names[names.length] = name;
}
