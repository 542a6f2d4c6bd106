import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  digestOf,
  InitPlayer,
  type ReplayFailure,
  type TapeEvent,
  WarmUpPlayer,
} from "../../../../snapshots/snapstart/lazy/replay.ts";
import { toTape } from "../../../../src/model/tape.ts";

type Host = (name: string, ...args: never[]) => unknown;
type Guest = (host: Host, first: string) => void;
type Values = (string | number | boolean | Uint8Array | undefined)[];

const entry = { init: 0, complete: 2, defineModule: 6, freeze: 7 } as const;

/** The guest as the players see it: what each entry does is the test's. */
function guest(entries: Record<number, Guest>) {
  const entered: unknown[][] = [];
  const bind = (host: unknown) => {
    return (kind: number, ...args: unknown[]) => {
      entered.push([kind, ...args]);
      entries[kind]?.(host as Host, args[0] as string);
    };
  };
  return { bind: bind as ConstructorParameters<typeof InitPlayer>[0], entered };
}

const turn = (kind: number, ...args: Values): TapeEvent => ["turn", kind, ...args.map(toTape)];
const answer = (name: string, args: Values, value: unknown): TapeEvent => {
  return ["answer", name, digestOf(args, 0), toTape(value)];
};
const start = (name: string, args: Values): TapeEvent => ["start", name, digestOf(args, 0)];
const refusal = (name: string, args: Values, text: string): TapeEvent => {
  return ["refusal", name, digestOf(args, 0), text];
};

let stackTraceLimit: number;
beforeEach(() => {
  ({ stackTraceLimit } = Error);
});
afterEach(() => {
  // The players take it away: V8 gives it to each heap anew.
  Error.stackTraceLimit = stackTraceLimit;
});

const frozen: Guest = (host) => {
  host("snapstart.frozen", "" as never);
};
const call = (host: Host, name: string, ...args: Values) => host(name, ...(args as never[]));

/** Plays a tape to its end against a guest whose init is `init`. */
function play(tape: readonly TapeEvent[], init: Guest, more: Record<number, Guest> = {}) {
  const { bind, entered } = guest({ [entry.init]: init, [entry.freeze]: frozen, ...more });
  const player = new InitPlayer(bind, tape);
  player.bundle("factory");
  for (const [kind] of tape) if (kind === "turn") player.turn();
  let failure: ReplayFailure | undefined;
  try {
    player.finish();
  } catch (error) {
    failure = JSON.parse((error as Error).message) as ReplayFailure;
  }
  return { entered, failure };
}

const opening = turn(entry.init, "{}", undefined);

describe("InitPlayer", () => {
  it("answers each operation with what is on the tape, bytes and refusals included", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const answers: unknown[] = [];
    const { failure, entered } = play(
      [
        opening,
        answer("clock.wall", [], 12.5),
        answer("crypto.random", [256], bytes),
        answer("nothing", ["a", true], undefined),
        refusal("crypto.digest", ["md4", bytes], "ENOHASH\nno such hash"),
        start("fetch.open", [1, 1, "{}"]),
        turn(entry.complete, 1, true, bytes.subarray(0, 2), ""),
        answer("clock.wall", [], 13),
      ],
      (host) => {
        answers.push(
          call(host, "clock.wall"),
          call(host, "crypto.random", 256),
          call(host, "nothing", "a", true),
        );
        answers.push(call(host, "crypto.digest", "md4", bytes), call(host, "bridge.error"));
        answers.push(call(host, "fetch.open", 1, 1, "{}"));
        call(host, "log", "INFO", "is nobody's");
      },
      {
        [entry.complete]: (host) => {
          answers.push(call(host, "clock.wall"));
          call(host, "init.done");
        },
      },
    );
    expect(failure).toBeUndefined();
    expect(answers).toEqual([12.5, bytes, undefined, null, "ENOHASH\nno such hash", undefined, 13]);
    expect(entered).toEqual([
      [entry.init, "{}", "factory"],
      [entry.complete, 1, true, new Uint8Array([0, 1]), ""],
      [entry.freeze, false],
    ]);
    // V8 ends a process that restores a heap which has it.
    expect("stackTraceLimit" in Error).toBe(false);
  });

  it.each(Array.from({ length: 10 }, (_, length) => ({ length })))(
    "reads $length bytes from a tape as they were",
    ({ length }) => {
      const bytes = Uint8Array.from({ length }, (_, index) => 251 - index * 13);
      const got: unknown[] = [];
      play([opening, answer("crypto.random", [length], bytes)], (host) => {
        got.push(call(host, "crypto.random", length));
        call(host, "init.done");
      });
      expect(got).toEqual([bytes]);
    },
  );

  it("defines the guest's modules before init", () => {
    const { bind, entered } = guest({});
    new InitPlayer(bind, []).module("node:util", "factory");
    expect(entered).toEqual([[entry.defineModule, "node:util", "factory"]]);
  });

  const clock = answer("clock.wall", [], 1);
  const done: Guest = (host) => void call(host, "init.done");
  const cases: [string, TapeEvent[], Guest, string][] = [
    [
      "another operation",
      [opening, clock],
      (host) => void call(host, "random.math"),
      'Init called "random.math", where it had called "clock.wall" when it was recorded',
    ],
    [
      "an operation more",
      [opening],
      (host) => void call(host, "clock.wall"),
      'Init called "clock.wall", where it had called nothing when it was recorded',
    ],
    [
      "an operation of a later turn",
      [opening, turn(entry.complete, 1, true), clock],
      (host) => void call(host, "clock.wall"),
      'Init called "clock.wall", where it had called nothing when it was recorded',
    ],
    [
      "other arguments",
      [opening, answer("crypto.random", [8], new Uint8Array(8))],
      (host) => void call(host, "crypto.random", 9),
      'Init called "crypto.random" with other arguments than when it was recorded',
    ],
    [
      "an operation less, at the end",
      [opening, clock],
      done,
      'Init did not call "clock.wall" again, as it had when it was recorded',
    ],
    [
      "an operation less, before a turn",
      [opening, clock, turn(entry.complete, 1, true)],
      done,
      'Init did not call "clock.wall" again, as it had when it was recorded',
    ],
    ["no end", [opening], () => {}, "Init did not end again, as it had when it was recorded"],
  ];
  it.each(cases)("ends over %s", (_, tape, init, message) => {
    expect(play(tape, init).failure).toEqual({
      code: "NotDeterministic",
      message,
      stack: expect.any(String),
    });
  });

  it("says where the operation was called, in positions of the bundle", () => {
    const { failure } = play([opening], (host) => void call(host, "clock.wall"));
    expect(failure?.stack).toContain("replay.test.ts");
  });

  it("answers nothing after it failed, and names the first reason", () => {
    const later: unknown[] = [];
    const { failure } = play([opening, answer("clock.wall", [], 1)], (host) => {
      call(host, "first");
      later.push(call(host, "clock.wall"), call(host, "bridge.error"), call(host, "source.position", 3, 4));
      call(host, "init.done");
    });
    expect(failure?.message).toContain('"first"');
    expect(later).toEqual([null, "ENOTONTAPE\nThe replay of init has ended", "@@3:4@@"]);
  });

  it.each([
    [
      JSON.stringify({ errorType: "Error", errorMessage: "no" }),
      "Init failed when it was replayed: Error: no",
    ],
    ["plain", "Init failed when it was replayed: plain"],
  ])("a failing init is no heap to freeze: %s", (json, message) => {
    const { failure, entered } = play([opening], (host) => void call(host, "init.failed", json));
    expect(failure).toMatchObject({ code: "InitFailed", message });
    expect(entered.map(([kind]) => kind)).not.toContain(entry.freeze);
  });

  it("an error that was not thrown before is told with its own words and place, not as a call for its stack", () => {
    const trace = { errorType: "Error", errorMessage: "no", trace: ["Error: no", "    at @@3:4@@"] };
    const { failure } = play([opening], (host) => {
      expect(call(host, "source.position", 3, 4)).toBe("@@3:4@@");
      call(host, "init.failed", JSON.stringify(trace));
    });
    expect(failure).toEqual({
      code: "InitFailed",
      message: "Init failed when it was replayed: Error: no",
      stack: expect.stringContaining("@@3:4@@"),
    });
  });

  it("an error that was not made before is a difference, even if nothing comes of it", () => {
    const { failure } = play([opening], (host) => {
      call(host, "source.position", 3, 4);
      call(host, "init.done");
    });
    expect(failure).toEqual({
      code: "NotDeterministic",
      message: expect.stringContaining('"source.position"'),
      stack: "@@3:4@@",
    });
  });

  it.each([
    [
      "what it says is the reason",
      (host: Host) => void call(host, "snapstart.frozen", "a socket"),
      "a socket",
    ],
    ["silence is one, too", () => {}, "The heap did not say that it can be frozen"],
  ])("a heap that can't be frozen: %s", (_, freeze, message) => {
    expect(play([opening], done, { [entry.freeze]: freeze }).failure).toMatchObject({
      code: "NotFreezable",
      message,
    });
  });
});

describe("WarmUpPlayer", () => {
  /** A guest that calls what the entry's first argument says, and remembers what it is answered. */
  function listening(events: readonly TapeEvent[]) {
    const answers: unknown[] = [];
    const { bind, entered } = guest({
      1: (host, listed) => {
        for (const [name, ...args] of JSON.parse(listed) as [string, ...Values][])
          answers.push(call(host, name, ...args));
      },
      [entry.freeze]: frozen,
    });
    return { player: new WarmUpPlayer(bind, events), answers, entered };
  }
  const calls = (...list: [string, ...Values][]) => turn(1, JSON.stringify(list));

  it("gives each operation the answers that are on the tape in their order, and then the last one", () => {
    const { player, answers } = listening([
      calls(["clock.wall"], ["clock.wall"], ["clock.wall"]),
      answer("clock.wall", [], 1),
      answer("clock.wall", [], 2),
    ]);
    expect([player.turn(), player.turn()]).toEqual([true, false]);
    expect(answers).toEqual([1, 2, 2]);
  });

  it("answers by the arguments where it can, else by the name, and refuses what it does not know", () => {
    const { player, answers } = listening([
      calls(
        ["hash", "b"],
        ["hash", "a"],
        ["hash", "c"],
        ["fetch.open", 1],
        ["invoke.result", "{}"],
        ["log", "x"],
      ),
      answer("hash", ["a"], "of a"),
      answer("hash", ["b"], "of b"),
    ]);
    player.turn();
    expect(answers).toEqual(["of b", "of a", expect.stringMatching(/^of [ab]$/), null, undefined, undefined]);
  });

  it("has a clock that never stands still, so that whoever waits for it comes to an end", () => {
    const { player, answers } = listening([
      calls(...Array.from({ length: 4 }, (): [string] => ["clock.monotonic"])),
      answer("clock.monotonic", [], 5),
      answer("clock.monotonic", [], 7.5),
    ]);
    player.turn();
    expect(answers).toEqual([5, 7.5, 8.5, 9.5]);
  });

  it("lets a handler stream and ask for its time, so that all of it is compiled", () => {
    const { player, answers } = listening([
      calls(
        ["stream.start", "text/plain"],
        ["stream.write", "x"],
        ["stream.end"],
        ["invoke.remainingMs"],
        ["process.exit", 1],
        ["toString"],
      ),
    ]);
    player.turn();
    expect(answers).toEqual([undefined, 1024 * 1024, undefined, 3000, null, null]);
  });

  it("refuses what was refused, with its words", () => {
    const { player, answers } = listening([
      calls(["fetch.open", 1], ["bridge.error"]),
      refusal("fetch.open", [1], "EREHEARSAL\nno effects"),
    ]);
    player.turn();
    expect(answers).toEqual([null, "EREHEARSAL\nno effects"]);
  });

  it("runs one turn after the other, with the microtasks of each in between", async () => {
    const order: string[] = [];
    const { bind } = guest({
      1: (_, name) => {
        order.push(`${name} begins`);
        void (async () => {
          for (let hop = 0; hop < 20; hop++) await null;
          order.push(`${name} ends`);
        })();
      },
    });
    new WarmUpPlayer(bind, [turn(1, "a"), turn(1, "b"), turn(1, "c")]).run();
    await new Promise((resolve) => setTimeout(resolve));
    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("makes a primed heap ready to be frozen", () => {
    const { player, entered } = listening([]);
    player.freeze();
    expect(entered).toEqual([[entry.freeze, false]]);
    expect("stackTraceLimit" in Error).toBe(false);
  });

  it("says why a primed heap can't be frozen", () => {
    const { bind } = guest({ [entry.freeze]: (host) => void call(host, "snapstart.frozen", "a socket") });
    const thrown = (() => {
      try {
        new WarmUpPlayer(bind, []).freeze();
      } catch (error) {
        return JSON.parse((error as Error).message) as ReplayFailure;
      }
      return undefined;
    })();
    expect(thrown).toMatchObject({ code: "NotFreezable", message: expect.stringContaining("a socket") });
  });
});
