import type { Value } from "../../bridge.ts";

/**
 * Answers the guest's host operations from a tape while its heap is being made: there is no host then. The builder
 * writes this into the scripts that are frozen, and takes it away again before the end.
 */

/** A value as JSON has it; bytes as base64, and an empty list for undefined. */
export type TapeValue = string | number | boolean | null | readonly [base64?: string];

/** One line of a tape (mirrored in src/model/tape.ts). */
export type TapeEvent =
  /** The host enters the guest. */
  | readonly ["turn", entry: number, ...args: TapeValue[]]
  /** An operation was answered. */
  | readonly ["answer", name: string, digest: string, answer: TapeValue]
  /** An operation was refused with `code\nmessage`. */
  | readonly ["refusal", name: string, digest: string, text: string]
  /** An operation began whose answer is a later turn. */
  | readonly ["start", name: string, digest: string, note?: string];

type Host = (operation: string, ...args: Value[]) => Value;
type Enter = (entry: number, ...args: unknown[]) => void;

const entryInit = 0;
const entryDefineModule = 6;
const entryFreeze = 7;

/** What ends a replay. The builder finds positions of the bundle in `stack`, as `@@line:column@@`. */
export interface ReplayFailure {
  readonly code: "InitFailed" | "NotDeterministic" | "NotFreezable";
  readonly message: string;
  readonly stack: string;
}

/** A copy of the values, as text that differs when they do. Numbers keep their exact value. */
export function digestOf(args: readonly unknown[], from: number): string {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  const mix = (code: number): void => {
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  };
  const mixText = (text: string): void => {
    for (let index = 0; index < text.length; index++) mix(text.charCodeAt(index));
    mix(text.length);
  };
  for (let at = from; at < args.length; at++) {
    const value = args[at];
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      mix(0x10001);
      for (let index = 0; index < bytes.length; index++) mix(bytes[index]!);
      mix(bytes.length);
    } else {
      mixText(typeof value);
      mixText(String(value));
    }
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36);
}

/** Replays init in order, to the letter: what differs, ends it. */
export class InitPlayer {
  readonly #events: readonly TapeEvent[];
  readonly #enter: Enter;
  #at = 0;
  #failure: ReplayFailure | undefined;
  /** What an error's stack that init had not made before says of it, unless something else says more. */
  #strayStack: ReplayFailure | undefined;
  #refusal = "";
  #isReady = false;
  #factory: unknown;
  #frozenReason: string | undefined;

  constructor(bind: (host: Host) => Enter, events: readonly TapeEvent[]) {
    this.#events = events;
    // V8 puts it into contexts of its own making only, and without it errors have no stack.
    if (!("stackTraceLimit" in Error)) {
      Object.defineProperty(Error, "stackTraceLimit", {
        value: 10,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    }
    this.#enter = bind((name, ...args) => this.#call(name, args));
  }

  /** A guest module that was loaded when the tape was made. */
  module(specifier: string, factory: unknown): void {
    this.#enter(entryDefineModule, specifier, factory);
  }

  bundle(factory: unknown): void {
    this.#factory = factory;
  }

  /** Enters the guest as the tape did next. The microtasks run when the script ends that calls this. */
  turn(): void {
    if (this.#failure !== undefined) return;
    const event = this.#events[this.#at];
    if (event === undefined || event[0] !== "turn") {
      this.#fail(
        "NotDeterministic",
        `Init did not call ${nameOf(event)} again, as it had when it was recorded`,
      );
      return;
    }
    this.#at++;
    const [, entry, ...args] = event;
    const values = args.map(untaped);
    if (entry === entryInit) values[1] = this.#factory as Value;
    this.#enter(entry, ...values);
  }

  /** @throws {Error} A ReplayFailure as JSON in its message: there is no heap to freeze. */
  finish(): void {
    const next = this.#events[this.#at];
    if (this.#failure === undefined && next !== undefined) {
      this.#fail(
        "NotDeterministic",
        `Init did not call ${nameOf(next)} again, as it had when it was recorded`,
      );
    }
    this.#failure ??= this.#strayStack;
    if (this.#failure === undefined && !this.#isReady) {
      this.#fail("NotDeterministic", "Init did not end again, as it had when it was recorded");
    }
    if (this.#failure === undefined) {
      this.#enter(entryFreeze, false);
      if (this.#frozenReason !== "")
        this.#fail("NotFreezable", this.#frozenReason ?? "The heap did not say that it can be frozen");
    }
    if (this.#failure !== undefined) throw new Error(JSON.stringify(this.#failure));
    // V8 adds it to each heap that it restores, and ends the process over one that has it.
    Reflect.deleteProperty(Error, "stackTraceLimit");
  }

  #call(name: string, args: Value[]): Value {
    switch (name) {
      case "bridge.error":
        return this.#refusal;
      case "log":
      case "rejection.heard":
        return undefined;
      case "init.done":
        this.#isReady = true;
        return undefined;
      case "init.failed":
        this.#fail(
          "InitFailed",
          `Init failed when it was replayed: ${messageIn(String(args[0]))}`,
          // Its trace has the place where it was thrown; here is only where that is told.
          String(args[0]),
        );
        return undefined;
      case "snapstart.frozen":
        this.#frozenReason = String(args[0]);
        return undefined;
    }
    if (this.#failure !== undefined) {
      if (name === "source.position") return markOf(args);
      return this.#refuse("ENOTONTAPE\nThe replay of init has ended");
    }
    const event = this.#events[this.#at];
    if (event === undefined || event[0] === "turn" || event[1] !== name || event[2] !== digestOf(args, 0)) {
      const expected = event === undefined || event[0] === "turn" ? "nothing" : nameOf(event);
      const same = event !== undefined && event[0] !== "turn" && event[1] === name;
      const message = same
        ? `Init called "${name}" with other arguments than when it was recorded`
        : `Init called "${name}"${name === "module.load" ? ` for ${args[0]}` : ""}, where it had called ${expected} when it was recorded`;
      if (name === "source.position") {
        // The stack of an error that was not thrown before: what becomes of the error says more.
        this.#strayStack ??= { code: "NotDeterministic", message, stack: markOf(args) };
        return markOf(args);
      }
      this.#fail("NotDeterministic", message);
      return this.#refuse("ENOTONTAPE\nThe replay of init has ended");
    }
    this.#at++;
    if (event[0] === "refusal") return this.#refuse(event[3]);
    return event[0] === "answer" ? untaped(event[3]) : undefined;
  }

  #refuse(text: string): null {
    this.#refusal = text;
    return null;
  }

  #fail(code: ReplayFailure["code"], message: string, stack?: string): void {
    if (this.#failure !== undefined) return;
    // Set before the stack is made: making it asks for positions.
    this.#failure = { code, message, stack: stack ?? "" };
    if (stack === undefined) this.#failure = { code, message, stack: String(new Error().stack) };
  }
}

/** A position in the bundle, for the builder to find the user's line by. */
function markOf([line, column]: Value[]): string {
  return `@@${line}:${column}@@`;
}

/**
 * Runs sample events through a restored heap so that V8 compiles what they need. What it is asked in another order than
 * on the tape it answers as well as it can: nothing depends on the results.
 */
export class WarmUpPlayer {
  readonly #turns: (readonly ["turn", entry: number, ...args: TapeValue[]])[] = [];
  readonly #answers = new Map<string, TapeEvent[]>();
  readonly #enter: Enter;
  #refusal = "";
  #frozenReason: string | undefined;
  #clockMs = Number.NEGATIVE_INFINITY;

  constructor(bind: (host: Host) => Enter, events: readonly TapeEvent[]) {
    for (const event of events) {
      if (event[0] === "turn") {
        this.#turns.push(event);
        continue;
      }
      for (const key of [`${event[1]} ${event[2]}`, event[1]]) {
        const known = this.#answers.get(key);
        if (known === undefined) this.#answers.set(key, [event]);
        else known.push(event);
      }
    }
    this.#enter = bind((name, ...args) => this.#call(name, args));
  }

  /** All turns that are left, each when the microtasks of the one before have run, as far as can be told. */
  run(): void {
    const turn = this.#turns.shift();
    if (turn === undefined) return;
    const [, entry, ...args] = turn;
    this.#enter(entry, ...args.map(untaped));
    if (this.#turns.length > 0) afterMicrotasks(() => this.run());
  }

  /** One turn; false when there is none left. */
  turn(): boolean {
    const turn = this.#turns.shift();
    if (turn === undefined) return false;
    const [, entry, ...args] = turn;
    this.#enter(entry, ...args.map(untaped));
    return true;
  }

  /** Makes the heap ready to be frozen again. @throws {Error} As InitPlayer's finish. */
  freeze(): void {
    this.#enter(entryFreeze, false);
    if (this.#frozenReason !== "") {
      const message = `After its sample events: ${this.#frozenReason ?? "the heap did not say that it can be frozen"}`;
      const failure: ReplayFailure = { code: "NotFreezable", message, stack: "" };
      throw new Error(JSON.stringify(failure));
    }
    Reflect.deleteProperty(Error, "stackTraceLimit");
  }

  #call(name: string, args: Value[]): Value {
    if (name === "bridge.error") return this.#refusal;
    if (name === "snapstart.frozen") {
      this.#frozenReason = String(args[0]);
      return undefined;
    }
    const exact = this.#answers.get(`${name} ${digestOf(args, 0)}`);
    // The last answer serves for all that come later.
    const event = next(exact) ?? next(this.#answers.get(name));
    if (event === undefined) {
      if (name in unheard) return unheard[name];
      this.#refusal = "ENOTONTAPE\nA rehearsal has no host";
      return null;
    }
    if (event[0] === "refusal") {
      this.#refusal = event[3];
      return null;
    }
    if (event[0] !== "answer") return undefined;
    const answer = untaped(event[3]);
    // A clock never stands still: a handler may wait for its next tick.
    if (name !== "clock.monotonic" || typeof answer !== "number") return answer;
    this.#clockMs = answer > this.#clockMs ? answer : this.#clockMs + 1;
    return this.#clockMs;
  }
}

/** What nobody listens to in a rehearsal, and is not on its tape: a handler goes on as if somebody did. */
const unheard: Readonly<Record<string, Value>> = {
  __proto__: null as never,
  log: undefined,
  "rejection.heard": undefined,
  "init.done": undefined,
  "init.failed": undefined,
  "invoke.result": undefined,
  "invoke.failed": undefined,
  "invoke.remainingMs": 3000,
  "stream.start": undefined,
  "stream.write": 1024 * 1024,
  "stream.end": undefined,
};

/** Rounds of microtasks that a turn may need. One that needs more is disturbed, and no more than that. */
const rounds = 1000;

function afterMicrotasks(callback: () => void): void {
  let left = rounds;
  const hop = (): void => {
    if (--left > 0) void Promise.resolve().then(hop);
    else callback();
  };
  hop();
}

function next(events: TapeEvent[] | undefined): TapeEvent | undefined {
  if (events === undefined) return undefined;
  return events.length > 1 ? events.shift() : events[0];
}

function nameOf(event: TapeEvent | undefined): string {
  return event === undefined || event[0] === "turn" ? "nothing" : `"${event[1]}"`;
}

function messageIn(errorJson: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(errorJson) as {
      errorType?: string;
      errorMessage?: string;
    };
    return `${errorType}: ${errorMessage}`;
  } catch {
    return errorJson;
  }
}

function untaped(value: TapeValue): Value {
  if (typeof value !== "object" || value === null) return value;
  return value[0] === undefined ? undefined : bytesOf(value[0]);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** By hand: what V8 has for it does not exist while a heap is being made. */
function bytesOf(base64: string): Uint8Array {
  const codes = new Uint8Array(128);
  for (let index = 0; index < alphabet.length; index++) codes[alphabet.charCodeAt(index)] = index;
  let length = base64.length;
  while (length > 0 && base64[length - 1] === "=") length--;
  const bytes = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let index = 0; index < length; index++) {
    held = ((held << 6) | codes[base64.charCodeAt(index)]!) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}
