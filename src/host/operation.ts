import { OperationError, type Value } from "../model/values.ts";
import type { EnvironmentFiles } from "./files/index.ts";

/**
 * One host operation, declared once: what it takes, where it runs, how a tape replays it. The guest may call it
 * at any time with anything, so `args` states bounds that are checked before `run` sees a value.
 */
export interface Operation {
  readonly name: string;
  /**
   * `sync`: answers within the guest's call; its time is the invocation's. A sync operation never answers null.
   * `async`: runs in the host, its answer is a later turn. `remote`: the supervisor carries it out.
   */
  readonly kind: "sync" | "async" | "remote";
  readonly args: readonly Argument<unknown>[];
  /**
   * What a snapshot build does with it. `taped`: depends on the world, `pure`: follows from the arguments; both are
   * recorded and replayed, since a heap is frozen where there is no host. `none`: has no place on a tape.
   */
  readonly replay: "taped" | "pure" | "none";
  /** It changes what outlives the call: in a rehearsal, which has no effects, it is refused. */
  readonly hasEffect?: boolean;
  readonly run: (environment: OperationEnvironment, ...args: never[]) => Value | Promise<Value>;
}

/** What an operation may touch of the environment that called it. */
export interface OperationEnvironment {
  readonly id: number;
  /** When it was opened, by `performance.now`: the origin of the guest's own clock. */
  readonly openedMs: number;
  /** The guest's event loop: when to come back (-1: not at all), and whether a ref'd timer keeps it alive. */
  wake(delayMs: number, isAlive: boolean): void;
  /** Wall time left to the invocation. */
  remainingMs(): number;
  /** Ends the environment, from within the guest's call. */
  exit(status: number): void;
  log(level: string, text: string): void;
  /** What V8 says of the isolate's heap, as JSON. */
  heapStatistics(): string;
  /** Compiles a guest module into the isolate. */
  loadModule(specifier: string): void;
  /** Makes another context in the isolate; the guest finds what rules it as the module `realm:<id>`. */
  makeContext(id: number): void;
  /** Runs what the guest prepared there. False when the context is no longer known: only the last few are. */
  enterContext(id: number): boolean;
  /**
   * Compiles the text of one of the function's files into the isolate. Where it does not parse, the answer is the complaint, as
   * `line:column:message`.
   */
  compileModule(path: string, code: string): string | undefined;
  /** Where a position of the bundle lies in the user's own files, as `file:line:column`. */
  sourcePosition(line: number, column: number): string | undefined;
  /** The code and message of the operation that was refused last. */
  takeError(): string;
  /** Its file system, made when it is first asked for. */
  readonly files: EnvironmentFiles;
  readonly lifecycle: InvocationEvents;
  /** What operations keep for this environment, by a key of their own; entries with `close` are closed with it. */
  readonly resources: Map<string, Resource>;
}

export interface Resource {
  close?(): void;
  /** In one sentence, what of it is in use, and would be lost if the heap were frozen now. */
  inUse?(): string | undefined;
}

type Parsed<A extends readonly Argument<unknown>[]> = {
  [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

export function defineOperation<const A extends readonly Argument<unknown>[]>(definition: {
  name: string;
  kind: "sync" | "async";
  args: A;
  replay: Operation["replay"];
  hasEffect?: boolean;
  // biome-ignore lint/suspicious/noConfusingVoidType: an operation may have nothing to answer
  run: (environment: OperationEnvironment, ...args: Parsed<A>) => Value | void | Promise<Value>;
}): Operation {
  return definition as unknown as Operation;
}

/** Declares an operation that the supervisor carries out: checked here too, so that a frame is never oversized. */
export function defineRemoteOperation(definition: {
  name: string;
  args: readonly Argument<unknown>[];
  replay: Operation["replay"];
}): Operation {
  return {
    ...definition,
    kind: "remote",
    run: () => {
      throw new TypeError(`Operation "${definition.name}" is the supervisor's`);
    },
  };
}

/** A check of one argument. Its result is what `run` receives. */
export interface Argument<T> {
  /** For the message of a refusal. */
  readonly expects: string;
  /** Returns undefined-free T, or throws nothing and answers `invalid`. */
  parse(value: unknown): T | typeof invalid;
}

export const invalid: unique symbol = Symbol("invalid argument");

export function parseArguments(operation: Operation, args: readonly unknown[], from: number): never[] {
  const parsed: unknown[] = [];
  for (let index = 0; index < operation.args.length; index++) {
    const argument = operation.args[index]!;
    const value = argument.parse(args[from + index]);
    if (value === invalid) {
      throw new OperationError(
        "ERR_INVALID_ARG_VALUE",
        `Cannot call "${operation.name}": argument ${index + 1} must be ${argument.expects}`,
      );
    }
    parsed.push(value);
  }
  return parsed as never[];
}

/** A string of at most `maxLength` UTF-16 code units. */
export function string(maxLength: number): Argument<string> {
  return {
    expects: `a string of at most ${maxLength} characters`,
    parse: (value) => (typeof value === "string" && value.length <= maxLength ? value : invalid),
  };
}

export function integer(min: number, max: number): Argument<number> {
  return {
    expects: `an integer from ${min} to ${max}`,
    parse: (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
        ? withoutNegativeZero(value)
        : invalid,
  };
}

/** A finite number; fractions are allowed. */
export function number(min: number, max: number): Argument<number> {
  return {
    expects: `a number from ${min} to ${max}`,
    parse: (value) =>
      typeof value === "number" && value >= min && value <= max ? withoutNegativeZero(value) : invalid,
  };
}

/** -0 passes every comparison with 0, and is told from it where it is printed or divided by. */
function withoutNegativeZero(value: number): number {
  return value + 0;
}

export function boolean(): Argument<boolean> {
  return { expects: "a boolean", parse: (value) => (typeof value === "boolean" ? value : invalid) };
}

/** Bytes, as the copy that isolated-vm made of the guest's: no guest keeps a view of them. */
export function bytes(maxBytes: number): Argument<Uint8Array> {
  return {
    expects: `at most ${maxBytes} bytes`,
    parse: (value) => {
      if (!ArrayBuffer.isView(value) || value.byteLength > maxBytes) return invalid;
      // A view of shared memory could change while we read it.
      if (!(value.buffer instanceof ArrayBuffer)) return invalid;
      return value instanceof Uint8Array
        ? value
        : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    },
  };
}

export function oneOf<const T extends string>(...values: T[]): Argument<T> {
  return {
    expects: `one of ${values.join(", ")}`,
    parse: (value) => values.find((candidate) => candidate === value) ?? invalid,
  };
}

export function either<A, B>(first: Argument<A>, second: Argument<B>): Argument<A | B> {
  return {
    expects: `${first.expects} or ${second.expects}`,
    parse: (value) => {
      const parsed = first.parse(value);
      return parsed === invalid ? second.parse(value) : parsed;
    },
  };
}

/** Absent, null and undefined are all `undefined`. */
export function optional<T>(argument: Argument<T>): Argument<T | undefined> {
  return {
    expects: `${argument.expects}, or nothing`,
    parse: (value) => (value === undefined || value === null ? undefined : argument.parse(value)),
  };
}

/** What the bootstrap tells of init and of the running invocation. */
export interface InvocationEvents {
  initialized(): void;
  initFailed(errorJson: string): void;
  result(json: string): void;
  /** @param isFatal The runtime would have ended its process: the environment is not used again. */
  failed(errorJson: string, isFatal: boolean): void;
  streamStarted(contentType: string): void;
  /** Returns the bytes that may still be written before the guest has to wait. */
  streamWrite(chunk: string | Uint8Array): number;
  streamEnded(): void;
  /** The function listens to `unhandledRejection`, and was told: its environment goes on. */
  rejectionHeard(): void;
  /** The heap is ready to be frozen, or can't be, for a reason. */
  frozen(reason: string): void;
}
