import { setImmediate } from "../../loop.ts";

/**
 * What runs on whose behalf, by the numbers that node:async_hooks gives. An isolate has no hooks of V8's: timers,
 * ticks, `then` in a lowered bundle and AsyncResource tell of themselves, and native promises do not.
 */
export interface Hooks {
  readonly init: ((id: number, type: string, triggerId: number, resource: object) => void) | undefined;
  readonly before: ((id: number) => void) | undefined;
  readonly after: ((id: number) => void) | undefined;
  readonly destroy: ((id: number) => void) | undefined;
}

export interface Execution {
  readonly id: number;
  readonly triggerId: number;
  readonly resource: object;
}

/** At the top of a turn. */
const top: Execution = { id: 1, triggerId: 0, resource: {} };
let lastId = top.id;
let executing = top;
/** Replaced, never changed: one that is called may switch others on and off. */
let enabled: readonly Hooks[] = [];

export const execution = (): Execution => executing;
export const newId = (): number => ++lastId;
export const isHooked = (): boolean => enabled.length > 0;

export function enableHooks(hooks: Hooks): void {
  if (!enabled.includes(hooks)) enabled = [...enabled, hooks];
}

export function disableHooks(hooks: Hooks): void {
  enabled = enabled.filter((one) => one !== hooks);
}

export function emitInit(id: number, type: string, triggerId: number, resource: object): void {
  for (const hooks of enabled) hooks.init?.(id, type, triggerId, resource);
}

/** Calls on the resource's behalf. What a hook throws goes where the callback's own error would. */
export function runAs<T>(next: Execution, callback: () => T): T {
  const previous = executing;
  executing = next;
  try {
    for (const hooks of enabled) hooks.before?.(next.id);
    return callback();
  } finally {
    for (const hooks of enabled) hooks.after?.(next.id);
    executing = previous;
  }
}

let destroyed: number[] = [];
let isTelling = false;

/** Told in a later turn, as in Node, and only while somebody listens. */
export function emitDestroy(id: number): void {
  if (!isHooked()) return;
  destroyed.push(id);
  if (isTelling) return;
  isTelling = true;
  const hooked = enabled;
  // Nobody is told of what tells.
  enabled = [];
  setImmediate(tellDestroyed).unref();
  enabled = hooked;
}

function tellDestroyed(): void {
  isTelling = false;
  const ids = destroyed;
  destroyed = [];
  for (const id of ids) for (const hooks of enabled) hooks.destroy?.(id);
}
