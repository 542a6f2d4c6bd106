/**
 * Objects whose native part V8 can't freeze. During init such an object is an ordinary one with the native
 * prototype, and a recipe; the native object is made when a method needs it, dropped before the freeze, and made
 * again at the first use after a restore.
 */
type Recipe = () => object;

/** Private fields on objects that exist already: faster to ask for than a WeakMap, and nobody sees them. */
const Given = function (this: unknown, object: object): object {
  return object;
} as unknown as new (
  object: object,
) => object;

/** The native objects of now. Swapped for an empty one to drop them all. */
let made = new WeakMap<object, object>();

class Remade extends Given {
  readonly #recipe: Recipe;

  constructor(object: object, recipe: Recipe) {
    super(object);
    this.#recipe = recipe;
  }

  static is(value: unknown): value is object {
    return (typeof value === "object" || typeof value === "function") && value !== null && #recipe in value;
  }

  static native(object: object): object {
    let native = made.get(object);
    if (native === undefined) {
      native = (object as Remade).#recipe();
      made.set(object, native);
    }
    return native;
  }
}

/** Makes `object` a stand-in. @param native What the recipe would make, if it is there already. */
export function standIn<T extends object>(object: T, recipe: Recipe, native?: object): T {
  new Remade(object, recipe);
  if (native !== undefined) made.set(object, native);
  return object;
}

export const isStandIn = Remade.is;

/** What a native method accepts as `this`, or as an argument: the native object of a stand-in, or the value itself. */
export function nativeOf(value: unknown): unknown {
  return Remade.is(value) ? Remade.native(value) : value;
}

export function dropNatives(): void {
  made = new WeakMap();
}
