import type { HttpAnswer, HttpCall } from "../http-client.ts";
import type { PhasesMs, Strategy } from "../model.ts";
import type { Workload } from "../workload.ts";

/** One way of starting a function, offered by somebody. */
export interface StartStrategy {
  readonly strategy: Strategy;
  /**
   * Gets everything ready that a start may take for granted.
   * @throws {Unavailable} When it can't be measured here.
   */
  deploy(workload: Workload): Promise<Deployment>;
}

/** A workload that one strategy can start. Disposing it ends whatever it started. */
export interface Deployment extends AsyncDisposable {
  /** Below it are all processes that have a part in a start; undefined when they are not ours to look at. */
  readonly pid: number | undefined;
  /** `ahead`: what answers first was started before anybody asked, and there is one of it. `warm`: nothing is started. */
  readonly kind: "cold" | "ahead" | "warm";
  /** Starts that have not happened yet. When it resolves, nothing of the function is alive. */
  prepare(count: number): Promise<readonly PendingStart[]>;
  /** How many environments there are after so many of the starts that were prepared together were answered. */
  environments(answered: number): Promise<number>;
}

export interface PendingStart {
  readonly url: string;
  readonly call: HttpCall;
  /**
   * Called after its first answer.
   * @throws {Error} When that was no start of the kind that is measured.
   */
  check(answer: HttpAnswer): Promise<PhasesMs>;
  /** Resolves when nothing of it is left. */
  end(): Promise<void>;
}

/** Why a strategy can't be measured, for whoever reads the report. */
export class Unavailable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "Unavailable";
  }
}
