import { clearTimeout, setImmediate, setTimeout } from "../../../loop.ts";
import { absolute, ask, type Path, pathText } from "./host.ts";
import { asBigInts, statFields, statsOf } from "./stats.ts";

type Timer = ReturnType<typeof setTimeout>;

/** fs.watchFile: looks at a file again and again, and tells when it became another one, or came or went. */
export class StatWatcher {
  declare onchange: (status: number, stats: Float64Array | BigInt64Array) => void;
  readonly #isBigInt: boolean;
  #path = "";
  #intervalMs = 1;
  #timer: Timer | undefined;
  #isRef = true;
  #isClosed = false;
  /** As the host says it; empty where there was nothing. */
  #known = "";

  constructor(isBigInt: boolean) {
    this.#isBigInt = isBigInt === true;
  }

  /** @returns 0, as it always can. */
  start(path: Path, intervalMs: number): number {
    this.#path = absolute(pathText(path));
    this.#intervalMs = Math.max(intervalMs, 1);
    const answer = ask("stat", this.#path, true);
    if (typeof answer === "string") this.#known = answer;
    // That there is nothing is told, once.
    else setImmediate(() => this.#tell(answer as number, "", ""));
    this.#wait();
    return 0;
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#look(), this.#intervalMs);
    if (!this.#isRef) this.#timer.unref();
  }

  #look(): void {
    const answer = ask("stat", this.#path, true);
    const [now, before] = [typeof answer === "string" ? answer : "", this.#known];
    this.#known = now;
    if (withoutAccess(now) !== withoutAccess(before))
      this.#tell(typeof answer === "number" ? answer : 0, now, before);
    if (!this.#isClosed) this.#wait();
  }

  #tell(status: number, now: string, before: string): void {
    if (this.#isClosed) return;
    const stats = new Float64Array(2 * statFields);
    if (now !== "") stats.set(statsOf(now) as Float64Array);
    if (before !== "") stats.set(statsOf(before) as Float64Array, statFields);
    this.onchange(status, this.#isBigInt ? asBigInts(stats) : stats);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
  ref(): void {
    this.#isRef = true;
    this.#timer?.ref();
  }
  unref(): void {
    this.#isRef = false;
    this.#timer?.unref();
  }
  hasRef(): boolean {
    return this.#isRef;
  }
  getAsyncId(): number {
    return 0;
  }
}

const accessed = 10;

/** That somebody read it is no change. */
function withoutAccess(stats: string): string {
  const values = stats.split(",");
  values[accessed] = "";
  return values.join(",");
}
