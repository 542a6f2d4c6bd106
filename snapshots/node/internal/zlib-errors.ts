import { zlibConstants } from "./zlib-constants.ts";

/** The host gives zlib's code as text; Node's errors carry the number too. */
export function systemErrorsOfZlib(error: unknown): Error {
  const failure = error as Error & { code?: string; errno?: number };
  const errno = (zlibConstants as Record<string, number>)[failure.code ?? ""];
  if (errno !== undefined) failure.errno = errno;
  return failure;
}
