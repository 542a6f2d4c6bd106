import { ValidationException } from "./errors.ts";

/** What a function's configuration may be (spec: limits.md). The API's schemas and the control path share it. */
export const functionLimits = {
  // The model says 5400 and 32768, which are for managed instances.
  Timeout: { min: 1, max: 900 },
  MemorySize: { min: 128, max: 10_240 },
  EphemeralStorage: { min: 512, max: 10_240 },
  Handler: { min: 0, max: 128, pattern: "[^\\s]+" },
  variableName: { pattern: "[a-zA-Z]([a-zA-Z0-9_])+" },
  newName: { pattern: "[a-zA-Z0-9-_]+" },
} as const;

/**
 * For those who call without the API and its schemas in between: types are gone when code runs.
 * @throws {ValidationException} Not a whole number within the bounds.
 */
export function checkInteger(
  member: string,
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
  const bound =
    typeof value === "number" && value < min
      ? `greater than or equal to ${min}`
      : `less than or equal to ${max}`;
  refuse(member, value, `Member must have value ${bound}`);
}

/** @throws {ValidationException} Not a string of the pattern and length. */
export function checkText(
  member: string,
  value: unknown,
  { pattern, max = Number.POSITIVE_INFINITY }: { readonly pattern: string; readonly max?: number },
): void {
  if (typeof value !== "string" || !new RegExp(`^(?:${pattern})$`, "u").test(value)) {
    refuse(member, value, `Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (value.length > max) refuse(member, value, `Member must have length less than or equal to ${max}`);
}

function refuse(member: string, value: unknown, constraint: string): never {
  throw new ValidationException(
    `1 validation error detected: Value '${String(value).slice(0, 256)}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
