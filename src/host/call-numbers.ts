/**
 * The numbers of a guest's calls, as others know them. An environment that takes the place of one that was given up has
 * its id, and answers to that one's calls may still come: no number is used twice for an id.
 */
export class CallNumbers {
  readonly #before: number;

  /** @param before The last number that was used for the id. */
  constructor(before: number) {
    this.#before = before;
  }

  /** @param call Its sign says whether it keeps the event loop alive. */
  toOthers(call: number): number {
    return shifted(call, this.#before);
  }

  /** Nothing for a call of the environment before. */
  toOwn(call: number): number | undefined {
    return Math.abs(call) <= this.#before ? undefined : shifted(call, -this.#before);
  }
}

/** A call's number, farther from 0. */
function shifted(call: number, by: number): number {
  return call < 0 ? call - by : call + by;
}
