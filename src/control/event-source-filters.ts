import { InvalidParameterValueException } from "../model/errors.ts";

/** Lambda's quota without a request to raise it. */
const mostFilters = 5;

/**
 * Whether the patterns of a mapping are ones that events can be compared with (spec: event-sources.md, section 4).
 * @throws {InvalidParameterValueException}
 */
export function checkFilters(filters: readonly { readonly Pattern?: string | undefined }[]): void {
  if (filters.length > mostFilters) {
    throw new InvalidParameterValueException(
      `Cannot set ${filters.length} filters: at most ${mostFilters} are allowed for an event source mapping`,
    );
  }
  for (const { Pattern } of filters) {
    if (!isPattern(Pattern)) throw new InvalidParameterValueException("Invalid filter pattern definition.");
  }
}

function isPattern(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    return isFields(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Field names with what they may hold, or with further fields. An object without any compares nothing. */
function isFields(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length === 0) return false;
  return Object.entries(value).every(([name, content]) =>
    name === "$or" && Array.isArray(content)
      ? content.length > 0 && content.every(isFields)
      : Array.isArray(content)
        ? content.length > 0 && content.every(isCondition)
        : isFields(content),
  );
}

function isCondition(value: unknown): boolean {
  if (!isObject(value)) return !Array.isArray(value);
  const entries = Object.entries(value);
  const [operator, operand] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined) return false;
  return operators.get(operator)?.(operand) ?? false;
}

const operators = new Map<string, (operand: unknown) => boolean>([
  ["exists", (operand) => typeof operand === "boolean"],
  ["prefix", isText],
  ["suffix", isText],
  ["equals-ignore-case", (operand) => typeof operand === "string"],
  [
    "anything-but",
    (operand) =>
      isScalar(operand) || (Array.isArray(operand) && operand.length > 0 && operand.every(isScalar)),
  ],
  ["numeric", isRange],
]);

function isText(operand: unknown): boolean {
  if (typeof operand === "string") return true;
  return (
    isObject(operand) &&
    Object.keys(operand).length === 1 &&
    typeof operand["equals-ignore-case"] === "string"
  );
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** `["=", 1]`, or one bound or two: `[">", 0, "<=", 5]`. */
function isRange(operand: unknown): boolean {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) return false;
  const [first, a, second, b] = operand as unknown[];
  if (typeof a !== "number") return false;
  if (operand.length === 2) return ["=", "<", "<=", ">", ">="].includes(String(first));
  return (
    [">", ">="].includes(String(first)) &&
    ["<", "<="].includes(String(second)) &&
    typeof b === "number" &&
    a < b
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
