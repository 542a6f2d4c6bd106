import { captureContext } from "./async-context.ts";
import { callSync, primordials } from "./bridge.ts";
import { requireInternal } from "./registry.ts";
import { assertCallback, delayOf } from "./timer-arguments.ts";
import { type Queued, TimerQueue } from "./timer-queue.ts";

/**
 * Timers and immediates over one wake-up that the host keeps. The host calls `runTimers` once per due
 * callback, so that microtasks run between two of them as in Node. While the environment is frozen nothing fires.
 */
const { MathMax, ReflectApply } = primordials;

type Callback = (...args: unknown[]) => void;

const entries = new WeakMap<object, Entry>();

class Handle {
  _destroyed = false;

  ref(): this {
    return setRef(this, true);
  }
  unref(): this {
    return setRef(this, false);
  }
  hasRef(): boolean {
    return entries.get(this)?.isRef === true;
  }
}

function setRef<H extends object>(handle: H, isRef: boolean): H {
  const entry = entries.get(handle);
  if (entry !== undefined) {
    entry.isRef = isRef;
    arm();
  }
  return handle;
}

/**
 * What setTimeout returns, as Node's class of that name: usable as a number, unref-able, disposable. Node has these
 * members too, and there is code that sets them.
 */
export class Timeout extends Handle {
  _idleTimeout: number;
  _onTimeout: Callback | null;
  _repeat: number | null;

  constructor(callback: Callback, delayMs: number, repeats: boolean) {
    super();
    this._idleTimeout = delayMs;
    this._onTimeout = callback;
    this._repeat = repeats ? delayMs : null;
  }
  refresh(): this {
    const entry = entries.get(this);
    if (entry !== undefined && !this._destroyed) set(entry, this._idleTimeout);
    return this;
  }
  close(): this {
    clearTimeout(this);
    return this;
  }
  [Symbol.toPrimitive](): number {
    const entry = entries.get(this)!;
    ReflectApply(primordials.mapSet, byId, [entry.id, entry]);
    return entry.id;
  }
  [Symbol.dispose](): void {
    clearTimeout(this);
  }
}

export class Immediate extends Handle {
  _onImmediate: Callback | null;

  constructor(callback: Callback) {
    super();
    this._onImmediate = callback;
  }
  [Symbol.dispose](): void {
    clearImmediate(this);
  }
}

/** What code may look at, and change, is in the handle. */
interface Entry extends Queued {
  readonly handle: Timeout | Immediate;
}

const queue = new TimerQueue<Entry>();
let nextId = 1;
/** Whose callback is under way. */
let running: Entry | undefined;
/** Timers whose number somebody asked for. */
const byId = new primordials.Map<number, Entry>();

function now(): number {
  return callSync("clock.monotonic") as number;
}

function set(entry: Entry, delayMs: number): void {
  queue.addTimer(entry, now() + delayMs);
  arm();
}

/** How many others keep the event loop alive: sockets and servers that are open. */
let holds = 0;

/** @param by 1: something is open that keeps the event loop alive, -1: it is no longer. */
export function holdLoop(by: 1 | -1): void {
  holds += by;
  if (holds === 0 || (by === 1 && holds === 1)) arm();
}

/** Tells the host when to come back, and whether anything keeps the event loop alive. */
export function arm(): void {
  const isAlive = holds > 0 || queue.isAlive();
  const dueMs = queue.nextDueMs();
  if (dueMs === undefined) callSync("timer.wake", -1, isAlive);
  else callSync("timer.wake", dueMs === 0 ? 0 : MathMax(0, dueMs - now()), isAlive);
}

/** The names of what keeps the event loop alive, as Node has them. */
export function activeTimers(): string[] {
  const names = queue.aliveNames();
  // Whose callback is under way counts until that has ended.
  if (running?.isRef && !running.isSet && !running.handle._destroyed) names[names.length] = "Timeout";
  return names;
}

function start(callback: unknown, delay: unknown, repeats: boolean, args: readonly unknown[]): Timeout {
  assertCallback(callback);
  const delayMs = delayOf(delay);
  const handle = new Timeout(callback, delayMs, repeats);
  const entry: Entry = {
    id: nextId++,
    dueMs: 0,
    args,
    context: captureContext("Timeout", handle),
    isRef: true,
    isSet: false,
    handle,
  };
  entries.set(handle, entry);
  set(entry, delayMs);
  return handle;
}

export function setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, false, args);
}

export function setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, true, args);
}

export function setImmediate(callback: unknown, ...args: unknown[]): Immediate {
  assertCallback(callback);
  const handle = new Immediate(callback);
  const entry: Entry = {
    id: 0,
    dueMs: 0,
    args,
    context: captureContext("Immediate", handle),
    isRef: true,
    isSet: false,
    handle,
  };
  entries.set(handle, entry);
  queue.addImmediate(entry);
  arm();
  return handle;
}

function end(entry: Entry): void {
  entry.handle._destroyed = true;
  ReflectApply(primordials.mapDelete, byId, [entry.id]);
}

/** Cancels what setTimeout or setInterval returned, or a timer's number; anything else is ignored. */
export function clearTimeout(handle?: unknown): void {
  const isNumber = typeof handle === "number" || typeof handle === "string";
  const entry = isNumber
    ? (ReflectApply(primordials.mapGet, byId, [+handle]) as Entry | undefined)
    : handle instanceof Timeout
      ? entries.get(handle)
      : undefined;
  if (entry === undefined || entry.handle._destroyed) return;
  const timeout = entry.handle as Timeout;
  timeout._onTimeout = null;
  timeout._repeat = null;
  end(entry);
  if (!entry.isSet) return;
  queue.removeTimer(entry);
  arm();
}

export { clearTimeout as clearInterval };

/** Cancels what setImmediate returned; anything else is ignored. */
export function clearImmediate(handle?: unknown): void {
  const entry = handle instanceof Immediate ? entries.get(handle) : undefined;
  if (entry === undefined || !entry.isSet) return;
  entry.handle._destroyed = true;
  (entry.handle as Immediate)._onImmediate = null;
  queue.removeImmediate(entry);
  arm();
}

/** A turn of the host's: runs one due callback. Returns whether another one is due already. */
export function runTimers(): boolean {
  const entry = queue.takeDue(now);
  if (entry === undefined) {
    // The host's clock of timers rang a fraction of a millisecond early: it is told once more.
    arm();
  } else {
    try {
      if (entry.handle instanceof Immediate) runImmediate(entry, entry.handle);
      else runTimer(entry, entry.handle);
    } finally {
      arm();
    }
  }
  const dueMs = queue.nextDueMs();
  return dueMs !== undefined && dueMs <= now();
}

function runImmediate(entry: Entry, handle: Immediate): void {
  const callback = handle._onImmediate;
  handle._destroyed = true;
  handle._onImmediate = null;
  if (typeof callback === "function") entry.context(callback, handle, entry.args);
}

function runTimer(entry: Entry, handle: Timeout): void {
  const callback = handle._onTimeout;
  running = entry;
  try {
    if (typeof callback === "function") entry.context(callback, handle, entry.args);
  } finally {
    running = undefined;
    // Its callback may have cleared it, set it anew, or made something else of it.
    if (!entry.isSet && !handle._destroyed) {
      if (handle._repeat && handle._idleTimeout !== -1 && typeof handle._onTimeout === "function") {
        handle._idleTimeout = handle._repeat;
        set(entry, handle._repeat);
      } else end(entry);
    }
  }
}

interface Promised {
  setTimeout: unknown;
  setImmediate: unknown;
}

for (const [original, name] of [
  [setTimeout, "setTimeout"],
  [setImmediate, "setImmediate"],
] as const) {
  primordials.ObjectDefineProperty(original, Symbol.for("nodejs.util.promisify.custom"), {
    get: () => (requireInternal("node:timers/promises") as Promised)[name],
    enumerable: true,
  });
}
