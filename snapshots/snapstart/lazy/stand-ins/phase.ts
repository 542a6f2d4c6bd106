import { callSync } from "../../../bridge.ts";

/**
 * Where the function's life stands, for every stand-in:
 *   before user code ──prepareInit──► taped ──beforeFreeze──► frozen ──afterRestore──► live
 * Taped: time and chance are asked of the host, so that a replay gets the same, and what V8 can't freeze is only
 * noted. Live: a stand-in is a native call and one check of `taped`.
 */
export let taped = false;

/** V8 is freezing, or warms the heap up for that: some of the language is not there, and some must not be made. */
export let freezing = false;

/** What V8 can't freeze is not made: at init, and in whatever runs afterwards in a heap that is still to be frozen. */
export let standsIn = false;

let reasons: string[] = [];

export function setTaped(now: boolean): void {
  taped = now;
  standsIn = taped || freezing;
}

export function setFreezing(now: boolean): void {
  freezing = now;
  standsIn = taped || freezing;
}

/** Epoch ms of the world outside, as the tape has it. */
export function wallClock(): number {
  return callSync("clock.wall") as number;
}

/** Init did what no restore can take up again. @param what In one clause: what it did, and why that can't be frozen. */
export function refuseFreeze(what: string): void {
  if (!standsIn || reasons.length >= 10) return;
  const line = userLine();
  reasons.push(line === undefined ? what : `${what} (${line})`);
}

/** The first reason against freezing, or undefined. */
export function reasonAgainst(): string | undefined {
  return reasons[0];
}

/** A rehearsal goes on in the same heap: what was said of init holds, and what follows is nobody's concern. */
export function forgetReasons(): void {
  reasons = [];
}

/** The topmost line of the user's own code: frames of ours are not in a stack. */
function userLine(): string | undefined {
  const holder: { stack?: unknown } = {};
  try {
    (Error as unknown as { captureStackTrace(target: object): void }).captureStackTrace(holder);
    return /^ +(at .+)$/m.exec(String(holder.stack))?.[1];
  } catch {
    return undefined;
  }
}
