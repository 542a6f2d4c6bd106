import { callSync, primordials } from "./bridge.ts";

/**
 * Timers and immediates over one wake-up that the host keeps. The host calls `runTimers` once per due
 * callback, so that microtasks run between two of them as in Node. While the environment is frozen nothing fires.
 */
const { MathMax, ReflectApply } = primordials;

type Callback = (...args: unknown[]) => void;

interface Entry {
  readonly id: number;
  /** Guest clock, ms. */
  dueMs: number;
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly callback: Callback;
  readonly args: unknown[];
  isRef: boolean;
  active: boolean;
  /** What its callback has as `this`, as in Node. */
  handle: object | undefined;
}

class Handle {
  readonly #entry: Entry;
  constructor(entry: Entry) {
    this.#entry = entry;
    entry.handle = this;
    entries.set(this, entry);
  }
  ref(): this {
    this.#entry.isRef = true;
    arm();
    return this;
  }
  unref(): this {
    this.#entry.isRef = false;
    arm();
    return this;
  }
  hasRef(): boolean {
    return this.#entry.isRef;
  }
  [Symbol.dispose](): void {
    cancel(this.#entry);
  }
}

/** What setTimeout returns, as Node's class of that name: usable as a number, unref-able, disposable. */
export class Timeout extends Handle {
  readonly #entry: Entry;
  constructor(entry: Entry) {
    super(entry);
    this.#entry = entry;
  }
  refresh(): this {
    const entry = this.#entry;
    timers = remove(timers, entry);
    entry.active = true;
    entry.dueMs = now() + entry.delayMs;
    insert(entry);
    arm();
    return this;
  }
  close(): this {
    cancel(this.#entry);
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#entry.id;
  }
}

export class Immediate extends Handle {}

let nextId = 1;
// Ordered by time, then by age. A function rarely has more than a handful, so a sorted array beats a heap here.
let timers: Entry[] = [];
let immediates: Entry[] = [];
const byId = new primordials.Map<number, Entry>();
const entries = new WeakMap<object, Entry>();

function now(): number {
  return callSync("clock.monotonic") as number;
}

function insert(entry: Entry): void {
  let index = timers.length;
  while (index > 0 && timers[index - 1]!.dueMs > entry.dueMs) {
    timers[index] = timers[index - 1]!;
    index--;
  }
  timers[index] = entry;
}

function remove(list: Entry[], entry: Entry): Entry[] {
  const kept: Entry[] = [];
  let length = 0;
  for (let index = 0; index < list.length; index++) {
    if (list[index] !== entry) kept[length++] = list[index]!;
  }
  return kept;
}

/** Tells the host when to come back, and whether anything keeps the event loop alive. */
export function arm(): void {
  let isAlive = false;
  for (let index = 0; index < timers.length && !isAlive; index++) isAlive = timers[index]!.isRef;
  for (let index = 0; index < immediates.length && !isAlive; index++) isAlive = immediates[index]!.isRef;
  if (immediates.length > 0) callSync("timer.wake", 0, isAlive);
  else if (timers.length > 0) callSync("timer.wake", MathMax(0, timers[0]!.dueMs - now()), isAlive);
  else callSync("timer.wake", -1, false);
}

function start(callback: unknown, delay: unknown, repeats: boolean, args: unknown[]): Timeout {
  if (typeof callback !== "function") {
    const error = new primordials.TypeError('The "callback" argument must be of type function.');
    (error as Error & { code?: string }).code = "ERR_INVALID_ARG_TYPE";
    throw error;
  }
  let delayMs = Number(delay);
  if (!(delayMs >= 1 && delayMs <= 2147483647)) delayMs = 1;
  const entry: Entry = {
    id: nextId++,
    dueMs: now() + delayMs,
    delayMs,
    repeats,
    callback: callback as Callback,
    args,
    isRef: true,
    active: true,
    handle: undefined,
  };
  const timeout = new Timeout(entry);
  ReflectApply(primordials.mapSet, byId, [entry.id, entry]);
  insert(entry);
  arm();
  return timeout;
}

export function setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, false, args);
}

export function setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, true, args);
}

export function setImmediate(callback: unknown, ...args: unknown[]): Immediate {
  if (typeof callback !== "function") {
    throw new primordials.TypeError('The "callback" argument must be of type function.');
  }
  const entry: Entry = {
    id: nextId++,
    dueMs: 0,
    delayMs: 0,
    repeats: false,
    callback: callback as Callback,
    args,
    isRef: true,
    active: true,
    handle: undefined,
  };
  const immediate = new Immediate(entry);
  immediates[immediates.length] = entry;
  arm();
  return immediate;
}

function cancel(entry: Entry): void {
  if (!entry.active) return;
  entry.active = false;
  ReflectApply(primordials.mapDelete, byId, [entry.id]);
  timers = remove(timers, entry);
  immediates = remove(immediates, entry);
  arm();
}

/** Cancels what setTimeout, setInterval or setImmediate returned, or a timer's number; anything else is ignored. */
export function clearTimeout(handle?: unknown): void {
  let entry: Entry | undefined;
  if (typeof handle === "object" && handle !== null) entry = entries.get(handle);
  else if (typeof handle === "number" || typeof handle === "string") {
    entry = ReflectApply(primordials.mapGet, byId, [Number(handle)]) as Entry | undefined;
  }
  if (entry !== undefined) cancel(entry);
}

/** A turn of the host's: runs one due callback. Returns whether another one is due already. */
export function runTimers(): boolean {
  const entry = takeDue();
  if (entry !== undefined) {
    if (entry.repeats) {
      entry.dueMs = now() + entry.delayMs;
      insert(entry);
    } else {
      entry.active = false;
      ReflectApply(primordials.mapDelete, byId, [entry.id]);
    }
  }
  arm();
  if (entry !== undefined) ReflectApply(entry.callback, entry.handle, entry.args);
  return immediates.length > 0 || (timers.length > 0 && timers[0]!.dueMs <= now());
}

function takeDue(): Entry | undefined {
  if (timers.length > 0 && timers[0]!.dueMs <= now()) {
    const first = timers[0]!;
    timers = remove(timers, first);
    return first;
  }
  if (immediates.length > 0) {
    const first = immediates[0]!;
    immediates = remove(immediates, first);
    return first;
  }
  return undefined;
}
