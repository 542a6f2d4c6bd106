import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isolateFlags } from "../../../../src/isolate-flags.ts";
import { ensureGuestHeap, sharedCacheDir } from "../../../../src/snapstart/guest-heap.ts";

export interface RoundTripCase {
  /** Statements of init; what should live on goes into the global `kept`; a promise `kept.ready` is awaited. */
  readonly init: string;
  /** Statements that run after the restore, and return something that JSON can hold. */
  readonly check: string;
  /** Statements for the warm-up, which runs in a heap that is thrown away, as though it were restored. */
  readonly warmUp?: string;
  /** Statements that run in the heap that is frozen, as though it were restored, before it is frozen for good. */
  readonly prime?: string;
  /** Statements that run in the restored heap when V8 has collected garbage, and return something that JSON can hold. */
  readonly afterwards?: string;
  /** A script that runs before init: a package as one file. */
  readonly bundle?: string;
  /** What the case asks for is not in Node. */
  readonly skipsNative?: boolean;
}

/** One run of a case. */
export interface Run {
  readonly init?: unknown;
  /** Why the heap can't be frozen. */
  readonly reason?: string;
  readonly check?: unknown;
  readonly afterwards?: unknown;
  /** Of a second environment from the same heap. */
  readonly again?: unknown;
}

export interface RoundTrip {
  /** In plain Node, without a freeze. */
  readonly native: Run;
  /** In an ordinary isolate with the stand-ins, which goes through freeze and restore without being frozen. */
  readonly recorded: Run;
  /** Frozen and restored. */
  readonly restored: Run;
}

const program = fileURLToPath(new URL("freezer.ts", import.meta.url));
let guestDir: Promise<string> | undefined;

/** Where the guest's code lies as scripts. Making it may take a while, which is no test's time. */
export function guestHeap(): Promise<string> {
  guestDir ??= ensureGuestHeap([sharedCacheDir()]);
  return guestDir;
}

/** Takes one case through all three. @throws {Error} With what V8 said, when it aborted. */
export async function roundTrip(input: RoundTripCase): Promise<RoundTrip> {
  const dir = await guestHeap();
  const child = spawn(process.execPath, [...isolateFlags, program, dir], {
    env: { TZ: "UTC", LANG: "en_US.UTF-8" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdin.end(JSON.stringify(input));
  const { promise, resolve, reject } = Promise.withResolvers<RoundTrip>();
  child.on("error", reject);
  child.on("close", (status, signal) => {
    if (status === 0) resolve(JSON.parse(output) as RoundTrip);
    else reject(new Error(`The heap was not frozen: ${signal ?? status}\n${said}`));
  });
  return promise;
}

/** The same in all three: at init, and after the restore. Answers with what it was. */
export async function sameEverywhere(input: RoundTripCase): Promise<Run> {
  const { native, recorded, restored } = await roundTrip(input);
  for (const [name, run] of Object.entries({ recorded, restored })) {
    const { again: _, ...once } = run;
    if (JSON.stringify(once) !== JSON.stringify(native)) {
      throw new Error(
        `${name} differs from Node:\n${JSON.stringify(run)}\nrather than\n${JSON.stringify(native)}`,
      );
    }
  }
  return native;
}
