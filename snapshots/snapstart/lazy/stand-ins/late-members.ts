import { polyfills } from "./polyfills.ts";

/**
 * What V8 adds to a context only when it is restored, and never to one that it freezes. It aborts when such a member
 * is there already, so whatever init put there is taken away for the freeze and put back afterwards.
 */
interface LateMember {
  readonly holder: object;
  /** As a user would write the holder. */
  readonly path: string;
  readonly key: string | symbol;
}

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Object;
const { deleteProperty } = Reflect;
const iteratorPrototype = getPrototypeOf(getPrototypeOf([].values())) as object;

function membersOf(holder: object, path: string, keys: readonly (string | symbol)[]): LateMember[] {
  return keys.map((key) => ({ holder, path, key }));
}

/** A test compares this with what the V8 at hand really does. */
export const lateMembers: readonly LateMember[] = [
  ...membersOf(Error, "Error", ["stackTraceLimit", "isError"]),
  ...membersOf(Promise, "Promise", ["try"]),
  ...membersOf(RegExp, "RegExp", ["escape"]),
  ...membersOf(Map.prototype, "Map.prototype", ["getOrInsert", "getOrInsertComputed"]),
  ...membersOf(WeakMap.prototype, "WeakMap.prototype", ["getOrInsert", "getOrInsertComputed"]),
  ...membersOf(Uint8Array, "Uint8Array", ["fromBase64", "fromHex"]),
  ...membersOf(Uint8Array.prototype, "Uint8Array.prototype", [
    "toBase64",
    "toHex",
    "setFromBase64",
    "setFromHex",
  ]),
  ...membersOf(Iterator, "Iterator", ["concat"]),
  ...membersOf(iteratorPrototype, "Iterator.prototype", [Symbol.dispose]),
  ...membersOf(Atomics, "Atomics", ["pause"]),
  ...membersOf(Date.prototype, "Date.prototype", ["toTemporalInstant"]),
  ...membersOf(globalThis, "globalThis", [
    "SharedArrayBuffer",
    "SuppressedError",
    "DisposableStack",
    "AsyncDisposableStack",
    "Temporal",
    "WebAssembly",
  ]),
];

/** Those that are not there: what we put in their place, and what user code did, until the restore. */
let missing: readonly LateMember[] = [];
let ours = new Map<LateMember, PropertyDescriptor>();
let theirs = new Map<LateMember, PropertyDescriptor>();

const here = ({ holder, key }: LateMember) => getOwnPropertyDescriptor(holder, key);

/** Puts our own of them where V8 has none yet. Answers whether it has none, which is to say, whether it freezes. */
export function providePolyfills(): boolean {
  missing = lateMembers.filter((member) => here(member) === undefined);
  const values = new Map(polyfills.map(({ holder, key, value }) => [memberOf(holder, key), value]));
  for (const member of missing) {
    const value = values.get(member);
    if (value === undefined) continue;
    const descriptor = {
      value,
      writable: true,
      configurable: true,
      // As V8's own, the only one of them that is.
      enumerable: member.key === "stackTraceLimit",
    };
    defineProperty(member.holder, member.key, descriptor);
    ours.set(member, descriptor);
  }
  return missing.length > 0;
}

function memberOf(holder: object, key: string | symbol): LateMember | undefined {
  return lateMembers.find((member) => member.holder === holder && member.key === key);
}

/** Why V8 would abort when it adds them, or undefined. */
export function reasonAgainstLateMembers(): string | undefined {
  for (const { holder, path, key } of lateMembers) {
    if (!isExtensible(holder)) {
      return `${path} is frozen or sealed, and V8 has to add members to it when it restores a heap`;
    }
    if (getOwnPropertyDescriptor(holder, key)?.configurable === false) {
      return `${path}.${String(key)} is not configurable, and V8 has to define it when it restores a heap`;
    }
  }
  return undefined;
}

/** Nothing in a heap that has them already. */
export function takeLateMembersAway(): void {
  for (const member of missing) {
    const descriptor = here(member);
    if (descriptor === undefined) continue;
    if (descriptor.value !== ours.get(member)?.value || descriptor.get !== undefined)
      theirs.set(member, descriptor);
    deleteProperty(member.holder, member.key);
  }
}

/**
 * What a heap is that goes through a restore: one that V8 has restored, one that it is going to freeze later, or one
 * that is recorded and never frozen.
 */
export type Heap = "restored" | "freezing" | "recorded";

/** Knows the heap by whether V8 has added them. */
export function putLateMembersBack(): Heap {
  if (missing.length === 0) return "recorded";
  const isRestored = missing.some((member) => here(member) !== undefined);
  if (!isRestored) for (const [{ holder, key }, descriptor] of ours) defineProperty(holder, key, descriptor);
  for (const [{ holder, key }, descriptor] of theirs) defineProperty(holder, key, descriptor);
  if (!isRestored) return "freezing";
  missing = [];
  ours = new Map();
  theirs = new Map();
  return "restored";
}
