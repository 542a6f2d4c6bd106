/** What an import of a module gives that is none of ES modules: `default` is all of it, as in Node, and names are looked up when they are used. */
export function namespaceOf(exports: unknown): object {
  const made: object = Object.defineProperty({}, "__esModule", { value: true });
  const names =
    typeof exports === "object" || typeof exports === "function" ? Object.keys(exports ?? {}) : [];
  for (const name of names) {
    if (name === "default" || name === "__esModule") continue;
    Object.defineProperty(made, name, {
      enumerable: true,
      get: () => (exports as Record<string, unknown>)[name],
    });
  }
  Object.defineProperty(made, "default", { enumerable: true, value: exports });
  Object.defineProperty(made, "module.exports", { enumerable: true, value: exports });
  return made;
}
