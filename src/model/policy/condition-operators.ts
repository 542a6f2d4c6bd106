import { BlockList, isIP, isIPv6 } from "node:net";
import type { RequestContext } from "./access-request.ts";
import { ArnPattern } from "./arn-pattern.ts";
import { Pattern } from "./pattern.ts";

/** Whether one value of the request is as one value of the policy says. */
export type ValueTest = (actual: string, context: RequestContext) => boolean;

export interface ConditionOperator {
  /** Holds when no value of the policy matches, and also when the request has no value. */
  readonly isNegated: boolean;
  /** What is expected, for the message about a value that is none. */
  readonly expects: string;
  /** @returns undefined for a value that the operator cannot compare with. */
  compile(expected: string, hasVariables: boolean): ValueTest | undefined;
}

const operators = new Map<string, ConditionOperator>();

function define(
  names: readonly [plain: string, negated?: string],
  expects: string,
  compile: ConditionOperator["compile"],
): void {
  const [plain, negated] = names;
  operators.set(plain, { isNegated: false, expects, compile });
  if (negated !== undefined) operators.set(negated, { isNegated: true, expects, compile });
}

define(["StringEquals", "StringNotEquals"], "text", (expected, variables) => {
  const pattern = new Pattern(expected, { wildcards: false, variables });
  return (actual, context) => pattern.matches(actual, context);
});
define(["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"], "text", (expected, variables) => {
  const pattern = new Pattern(expected.toLowerCase(), { wildcards: false, variables });
  return (actual, context) => pattern.matches(actual.toLowerCase(), lowered(context));
});
define(["StringLike", "StringNotLike"], "text", (expected, variables) => {
  const pattern = new Pattern(expected, { wildcards: true, variables });
  return (actual, context) => pattern.matches(actual, context);
});
// The two are the same operator (IAM reference, "Amazon Resource Name (ARN) condition operators").
for (const names of [
  ["ArnEquals", "ArnNotEquals"],
  ["ArnLike", "ArnNotLike"],
] as const) {
  define(names, "an ARN of six parts", (expected, variables) => {
    const pattern = ArnPattern.read(expected, { wildcards: true, variables });
    return pattern && ((actual, context) => pattern.matches(actual, context));
  });
}
define(["Bool"], "true or false", (expected) => {
  const wanted = expected.toLowerCase();
  return wanted === "true" || wanted === "false" ? (actual) => actual.toLowerCase() === wanted : undefined;
});
define(["BinaryEquals"], "base64", (expected) => {
  const isBase64 = expected.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(expected);
  return isBase64 ? (actual) => actual === expected : undefined;
});
define(["IpAddress", "NotIpAddress"], "an IP address or CIDR block", blockTest);

type Compare = (actual: number, expected: number) => boolean;
const orders: readonly (readonly [name: string, compare: Compare])[] = [
  ["LessThan", (actual, expected) => actual < expected],
  ["LessThanEquals", (actual, expected) => actual <= expected],
  ["GreaterThan", (actual, expected) => actual > expected],
  ["GreaterThanEquals", (actual, expected) => actual >= expected],
];
for (const [kind, expects, read] of [
  ["Numeric", "a number", readNumber],
  ["Date", "a date such as 2026-01-31T12:00:00Z, or seconds since 1970", readDate],
] as const) {
  const compiled =
    (compare: Compare): ConditionOperator["compile"] =>
    (text) => {
      const expected = read(text);
      if (expected === undefined) return undefined;
      return (given) => {
        const actual = read(given);
        return actual !== undefined && compare(actual, expected);
      };
    };
  define(
    [`${kind}Equals`, `${kind}NotEquals`],
    expects,
    compiled((a, b) => a === b),
  );
  for (const [order, compare] of orders) define([`${kind}${order}`], expects, compiled(compare));
}

/** @param name Without `IfExists` and `ForAnyValue:`; `Null` is none of these. */
export function findOperator(name: string): ConditionOperator | undefined {
  return operators.get(name);
}

function lowered(context: RequestContext): RequestContext {
  return {
    get(key) {
      const value = context.get(key);
      return typeof value === "string" ? value.toLowerCase() : value;
    },
  };
}

function readNumber(text: string): number | undefined {
  return /^[+-]?\d{1,20}(?:\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
}

/** @returns Unix epoch, ms. */
function readDate(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  const isIso = /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?)?$/.test(text);
  const epochMs = isIso ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

function blockTest(text: string): ValueTest | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(length <= width)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  return (actual) => isIP(actual) !== 0 && block.check(actual, isIPv6(actual) ? "ipv6" : "ipv4");
}
