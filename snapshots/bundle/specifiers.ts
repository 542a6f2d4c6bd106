import { moduleNotFound, nodeError } from "./loader-errors.ts";

/** The first answer of those that there are; without one, the first refusal. */
export function resolveFirst(from: readonly string[], resolve: (path: string) => string): string {
  let refusal: unknown = moduleNotFound("Cannot find module: there are no paths to look in", undefined);
  for (const [index, path] of from.entries()) {
    try {
      return resolve(path);
    } catch (error) {
      if (index === 0) refusal = error;
    }
  }
  throw refusal;
}

export function checkedSpecifier(specifier: unknown): string {
  if (typeof specifier === "string" && specifier !== "") return specifier;
  throw typeof specifier === "string"
    ? nodeError(
        "ERR_INVALID_ARG_VALUE",
        "The argument 'id' must be a non-empty string. Received ''",
        TypeError,
      )
    : nodeError(
        "ERR_INVALID_ARG_TYPE",
        `The "id" argument must be of type string. Received ${typeof specifier}`,
        TypeError,
      );
}
