/**
 * How strongly a share that was missed pulls the next draws. With 1/64 chance still decides nearly alone: a draw's
 * probability strays from the weight by a few percent. Yet never more than 65 draws are owed, whatever the source of
 * randomness says, so that 10,000 requests in a row keep the weight within 1%: plain chance misses that one time in
 * twenty at equal weights.
 */
const pull = 1 / 64;

/** Draws the additional version of an alias with its weight. */
export class WeightedDraw {
  readonly #weight: number;
  readonly #random: () => number;
  /** Draws that the additional version should have had by now and had not. */
  #owed = 0;

  /**
   * @param weight From 0 (never) to 1 (always).
   * @param random At least 0, less than 1.
   */
  constructor(weight: number, random: () => number) {
    this.#weight = weight;
    this.#random = random;
  }

  /** Whether this one goes to the additional version. */
  next(): boolean {
    const isDrawn = this.#random() < this.#weight + this.#owed * pull;
    this.#owed += this.#weight - (isDrawn ? 1 : 0);
    return isDrawn;
  }
}
