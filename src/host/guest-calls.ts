import { OperationError, type Value } from "../model/values.ts";
import { type Operation, type OperationEnvironment, parseArguments } from "./operation.ts";
import { operations } from "./operations/index.ts";
import type { TapeRecorder } from "./tape-recorder.ts";

/** Half of what the wire holds, since those of a heap that was given up come before. */
const maxCallNumber = 2 ** 30;
/** Calls that a guest may have under way at once. */
const maxPendingCalls = 10_000;
/** Bytes that those calls may hold of us. One call alone may hold more. */
const maxPendingBytes = 64 * 1024 * 1024;
/** Calls that Node's thread pool works on at once: it has four threads for everybody, and a call can't be taken back. */
const maxPooledCalls = 2;

interface Hooks {
  /** The supervisor's to carry out. */
  remote(call: number, name: string, args: readonly Value[]): void;
  /** One of the host's own is done. */
  completed(call: number, ok: boolean, value: Value, message: string): void;
  /** Not while frozen: answers would pile up. */
  mayStart(): boolean;
}

/** The host operations of one guest: looks each up, checks what it was given, and counts what is under way. */
export class GuestCalls {
  readonly #environment: OperationEnvironment;
  readonly #hooks: Hooks;
  /** Calls under way, with the bytes that they hold. */
  readonly #held = new Map<number, number>();
  #heldBytes = 0;
  #alive = 0;
  #last = 0;
  #pooled = 0;
  #queue: (() => void)[] = [];
  #lastError = "";
  readonly #tape: TapeRecorder | undefined;

  /** @param tape Where calls are recorded, when this environment's init is to be frozen. */
  constructor(environment: OperationEnvironment, hooks: Hooks, tape?: TapeRecorder) {
    this.#environment = environment;
    this.#hooks = hooks;
    this.#tape = tape;
  }

  /** How many calls are under way. */
  get pending(): number {
    return this.#held.size;
  }

  /** Whether a call keeps the guest's event loop alive. */
  get isAlive(): boolean {
    return this.#alive > 0;
  }

  /** The highest number that a call had, whatever its sign. */
  get last(): number {
    return this.#last;
  }

  takeError(): string {
    return this.#lastError;
  }

  /** An answer came. False for a call that is not under way. */
  end(call: number): boolean {
    const bytes = this.#held.get(call);
    if (bytes === undefined) return false;
    this.#held.delete(call);
    this.#heldBytes -= bytes;
    if (call > 0) this.#alive--;
    return true;
  }

  /** Forgets what has not been started, and answers that are to come. */
  clear(): void {
    this.#queue = [];
    this.#held.clear();
    this.#heldBytes = 0;
    this.#alive = 0;
  }

  /** A call of the guest's, with whatever it passed. null: refused, and `takeError` says why. */
  call(name: string, args: readonly unknown[]): Value {
    try {
      const operation = operations.get(name);
      if (operation === undefined)
        throw new OperationError("ENOSYS", `There is no host operation "${name.slice(0, 64)}"`);
      if (this.#tape?.isRehearsing && hasEffect(operation)) {
        throw new OperationError(
          "EREHEARSAL",
          `Cannot call "${name}": a rehearsal of an event has no effects`,
        );
      }
      const answer =
        operation.kind === "sync" ? this.#runSync(operation, args) : this.#start(operation, args);
      this.#tape?.called(operation, args, answer);
      return answer;
    } catch (error) {
      this.#lastError = refusalText(error);
      this.#tape?.refused(name, args, this.#lastError);
      return null;
    }
  }

  #runSync(operation: Operation, args: readonly unknown[]): Value {
    const answer = operation.run(this.#environment, ...parseArguments(operation, args, 0)) as Value;
    return answer === null ? undefined : answer;
  }

  #start(operation: Operation, args: readonly unknown[]): undefined {
    const { name } = operation;
    const call = args[0];
    if (
      typeof call !== "number" ||
      !Number.isInteger(call) ||
      Math.abs(call) > maxCallNumber ||
      this.#held.has(call)
    ) {
      throw new OperationError(
        "ERR_INVALID_ARG_VALUE",
        `Cannot call "${name}": argument 0 must be a new call's number`,
      );
    }
    if (this.#held.size >= maxPendingCalls) {
      throw new OperationError(
        "ELIMIT",
        `Cannot call "${name}": ${maxPendingCalls} calls are under way, the most allowed`,
      );
    }
    const parsed = parseArguments(operation, args, 1);
    const bytes = bytesOf(parsed);
    if (this.#heldBytes > 0 && this.#heldBytes + bytes > maxPendingBytes) {
      throw new OperationError(
        "ELIMIT",
        `Cannot call "${name}": calls under way hold ${this.#heldBytes} bytes, at most ${maxPendingBytes} are allowed`,
      );
    }
    this.#held.set(call, bytes);
    this.#last = Math.max(this.#last, Math.abs(call));
    this.#heldBytes += bytes;
    if (call > 0) this.#alive++;
    if (operation.kind === "remote") this.#hooks.remote(call, name, parsed);
    else {
      this.#queue.push(() => this.#startAsync(call, operation, parsed));
      this.startPooled();
    }
    return undefined;
  }

  /** Starts calls up to the limit; none while frozen, since their answers would pile up here. */
  startPooled(): void {
    while (this.#pooled < maxPooledCalls && this.#hooks.mayStart()) {
      const start = this.#queue.shift();
      if (start === undefined) return;
      this.#pooled++;
      start();
    }
  }

  #startAsync(call: number, operation: Operation, args: never[]): void {
    const answered = (ok: boolean, value: Value, message: string): void => {
      this.#pooled--;
      this.#hooks.completed(call, ok, value, message);
      this.startPooled();
    };
    // Within a promise, since an operation may also refuse at once.
    new Promise<Value>((resolve) => resolve(operation.run(this.#environment, ...args))).then(
      (value) => answered(true, value, ""),
      (error: unknown) => {
        const [code, message] = refusalText(error).split("\n", 2);
        answered(false, code, message ?? "");
      },
    );
  }
}

function hasEffect({ kind, name, hasEffect }: Operation): boolean {
  return kind === "remote" || name === "process.exit" || hasEffect === true;
}

function bytesOf(args: readonly unknown[]): number {
  let bytes = 0;
  for (const arg of args) if (arg instanceof Uint8Array) bytes += arg.byteLength;
  return bytes;
}

/** The text that a refusal crosses the wall with: code, newline, message. Never a stack. */
function refusalText(error: unknown): string {
  if (error instanceof OperationError) return `${error.code}\n${error.message}`;
  return "ERR_INTERNAL\nThe host could not carry out the operation";
}
