import { holdLoop, setImmediate } from "../../../loop.ts";
import { absolute, ask, encodedName, type Path, pathText } from "../files/host.ts";
import { factsOf } from "../files/stats.ts";
import { addWatch, type EventType, removeWatch, type Watch } from "../files/watches.ts";

interface Told {
  readonly type: EventType;
  readonly name: string;
}

/**
 * fs.watch: what the function itself does to a file, or in a folder, is told in later turns.
 *
 *     made ──► started, holds the event loop unless it is not to ──► closed
 */
export class FSEvent {
  declare onchange: (status: number, type: EventType, name: unknown) => void;
  #watch: Watch | undefined;
  #ahead: Told[] = [];
  #isRef = false;

  get initialized(): boolean {
    return this.#watch !== undefined;
  }

  /** @returns 0, or the negative errno of what cannot be watched. */
  start(path: Path, isPersistent: boolean, _recursive: boolean, encoding?: string): number {
    const name = absolute(pathText(path));
    const facts = ask("stat", name, true);
    const place = ask("realpath", name);
    if (typeof facts === "number") return facts;
    if (typeof place !== "string") return place as number;
    this.#watch = {
      path: place,
      isFolder: factsOf(facts as string).isFolder,
      tell: (type, entry) => this.#note({ type, name: entry }, encoding),
    };
    addWatch(this.#watch);
    if (isPersistent) this.ref();
    return 0;
  }

  #note(told: Told, encoding: string | undefined): void {
    // As the kernel: what says the same as the one before it, which nobody has read yet, says nothing.
    const last = this.#ahead.at(-1);
    if (last?.type === told.type && last.name === told.name) return;
    this.#ahead.push(told);
    const turn = setImmediate(() => {
      const { type, name } = this.#ahead.shift()!;
      if (this.#watch !== undefined) this.onchange(0, type, encodedName(name, encoding));
    });
    if (!this.#isRef) turn.unref();
  }

  close(): void {
    if (this.#watch === undefined) return;
    this.unref();
    removeWatch(this.#watch);
    this.#watch = undefined;
  }

  ref(): void {
    if (this.#watch === undefined || this.#isRef) return;
    this.#isRef = true;
    holdLoop(1);
  }
  unref(): void {
    if (!this.#isRef) return;
    this.#isRef = false;
    holdLoop(-1);
  }
  hasRef(): boolean {
    return this.#isRef;
  }
  getAsyncId(): number {
    return 0;
  }
}
