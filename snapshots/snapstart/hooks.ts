import { primordials } from "../bridge.ts";

/**
 * What a function wants to have run around its snapshot, as `awslambda.snapstart` takes it. In a function without
 * SnapStart registering works, and nothing is ever called.
 */
type Hook = () => unknown;

const { ReflectApply } = primordials;
let beforeSnapshot: Hook[] = [];
let afterRestore: Hook[] = [];
/** Ours, which run behind the function's own. */
let beforeFreeze: Hook[] = [];
let isInitFrozen = false;

/** The object `awslambda.snapstart`. */
export const snapstart = {
  /**
   * Runs `hook` when init has ended and before the heap is frozen: to close connections, to drop what must not be in
   * every environment. The last one that was registered runs first; each is awaited.
   * @throws {TypeError} When `hook` is no function.
   */
  registerBeforeSnapshot(hook: Hook): void {
    beforeSnapshot[beforeSnapshot.length] = checked(hook);
  },
  /**
   * Runs `hook` in every environment that was restored, before its first event: to connect again, to draw an
   * identifier of its own. In the order of registration; each is awaited.
   * @throws {TypeError} When `hook` is no function.
   */
  registerAfterRestore(hook: Hook): void {
    afterRestore[afterRestore.length] = checked(hook);
  },
};

function checked(hook: unknown): Hook {
  if (typeof hook === "function") return hook as Hook;
  throw new primordials.TypeError('The "hook" argument must be of type function.');
}

/** Init begins whose heap is to be frozen. */
export function freezesInit(): void {
  isInitFrozen = true;
}

/** Runs `hook` behind the function's own hooks, before the heap is frozen. False: it is not going to be. */
export function registerBeforeFreeze(hook: Hook): boolean {
  if (isInitFrozen) beforeFreeze[beforeFreeze.length] = hook;
  return isInitFrozen;
}

/** Whether a restore has hooks to wait for. */
export function hasAfterRestore(): boolean {
  return afterRestore.length > 0;
}

/** Also runs what a hook registers while they run. Rejects with what the first failing hook threw; the rest stay uncalled. */
export async function runBeforeSnapshot(): Promise<void> {
  while (beforeSnapshot.length > 0) {
    const hook = beforeSnapshot[beforeSnapshot.length - 1]!;
    beforeSnapshot.length--;
    await ReflectApply(hook, undefined, []);
  }
  const ours = beforeFreeze;
  beforeFreeze = [];
  isInitFrozen = false;
  for (let index = 0; index < ours.length; index++) await ReflectApply(ours[index]!, undefined, []);
}

/** As runBeforeSnapshot, the other way round. An environment is restored once, so they are gone afterwards. */
export async function runAfterRestore(): Promise<void> {
  try {
    for (let index = 0; index < afterRestore.length; index++) {
      await ReflectApply(afterRestore[index]!, undefined, []);
    }
  } finally {
    beforeSnapshot = [];
    afterRestore = [];
  }
}
