/** How objects of the platform's classes are cloned and transferred, told by who makes them. */
export interface CloningRules {
  /** undefined: it only looks like one of that class. */
  clone?(value: object): object | undefined;
  /** @throws {DOMException} It can't be moved. */
  transfer?(value: object): Transfer | undefined;
}

/** A move in two steps, since what is cloned along with it may still fail. */
export interface Transfer {
  /** What stands for it in the clone. */
  readonly moved: object;
  /** Moves what is behind the object, which is of no use afterwards. Cannot fail. */
  commit(): void;
}

const { getPrototypeOf } = Object;
const rules = new WeakMap<object, CloningRules>();

/** Objects that a function asked to be left out (worker_threads). */
export const uncloneable = new WeakSet<object>();
export const untransferable = new WeakSet<object>();

/** Of a class that has no rules, objects cannot be cloned. @param prototype The class's. */
export function setCloningRules(prototype: object, own: CloningRules): void {
  rules.set(prototype, own);
}

/** The rules of the class of `value`, if it is one of the platform's. */
export function cloningRulesOf(value: object): CloningRules | undefined {
  for (let one = getPrototypeOf(value); one !== null; one = getPrototypeOf(one)) {
    const known = rules.get(one);
    if (known !== undefined) return known;
  }
  return undefined;
}
