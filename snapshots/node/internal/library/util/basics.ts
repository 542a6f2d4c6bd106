/* Of `internal/util`, whose other functions lead to much more, what files use while they are loaded. */

export const isWindows = false;

/** Makes a value when it is first asked for. */
export function getLazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
