import type { RequestContext } from "./access-request.ts";
import { findOperator, type ValueTest } from "./condition-operators.ts";
import type { Complain } from "./policy-reader.ts";

/** One operator with one key: it holds for a request, or not. */
export type Condition = (context: RequestContext) => boolean;

interface Comparison {
  readonly key: string;
  readonly tests: readonly ValueTest[];
  readonly isNegated: boolean;
  readonly ifExists: boolean;
  readonly set: "ForAllValues" | "ForAnyValue" | undefined;
}

const operatorForm = /^(?:(?<set>ForAllValues|ForAnyValue):)?(?<name>[A-Za-z]+?)(?<ifExists>IfExists)?$/;
/** Behind `aws:ResourceTag/` there is what keys of tags may have. */
const keyForm = /^[a-zA-Z0-9-]+:[\p{L}\p{N} /_.:+=@-]{1,256}$/u;

/** All of them have to hold. */
export function readConditions(block: unknown, hasVariables: boolean, complain: Complain): Condition[] {
  const conditions: Condition[] = [];
  for (const [operator, keys] of entriesOf(block, "Condition", complain)) {
    for (const [key, given] of entriesOf(keys, `Condition.${operator}`, complain)) {
      const where = `Condition.${operator}.${key}`;
      if (!keyForm.test(key)) throw complain(where, "a condition key looks like aws:SourceArn");
      conditions.push(
        readCondition(
          operator,
          key.toLowerCase(),
          valuesOf(given, where, complain),
          hasVariables,
          (message) => complain(where, message),
        ),
      );
    }
  }
  return conditions;
}

function readCondition(
  operatorText: string,
  key: string,
  values: readonly string[],
  hasVariables: boolean,
  complain: (message: string) => Error,
): Condition {
  const parts = operatorForm.exec(operatorText)?.groups ?? {};
  const {
    name = "",
    set,
    ifExists,
  } = parts as {
    name?: string;
    set?: Comparison["set"];
    ifExists?: string;
  };
  if (name === "Null" && set === undefined && ifExists === undefined) return absence(key, values, complain);
  const operator = findOperator(name);
  if (operator === undefined) throw complain(`there is no condition operator "${operatorText.slice(0, 64)}"`);
  const tests = values.map((value) => {
    const test = operator.compile(value, hasVariables);
    if (test === undefined) {
      throw complain(`${JSON.stringify(value.slice(0, 128))} is given, and ${operator.expects} is expected`);
    }
    return test;
  });
  const { isNegated } = operator;
  return comparison({ key, tests, isNegated, ifExists: ifExists !== undefined, set });
}

function absence(key: string, values: readonly string[], complain: (message: string) => Error): Condition {
  const wanted = values.map((value) => value.toLowerCase());
  if (!wanted.every((value) => value === "true" || value === "false")) {
    throw complain("Null takes true (the key is absent) or false (it is there)");
  }
  // No values are none: whoever guards ForAllValues with it means a list that is empty, too.
  return (context) => {
    const value = context.get(key);
    const isAbsent = value === undefined || (typeof value !== "string" && value.length === 0);
    return wanted.includes(isAbsent ? "true" : "false");
  };
}

function comparison({ key, tests, isNegated, ifExists, set }: Comparison): Condition {
  const holdsFor = (actual: string, context: RequestContext) =>
    tests.some((test) => test(actual, context)) !== isNegated;
  return (context) => {
    const value = context.get(key);
    const actual = value === undefined ? [] : typeof value === "string" ? [value] : value;
    if (set === "ForAllValues") return actual.every((one) => holdsFor(one, context));
    if (actual.length === 0) return ifExists || (isNegated && set === undefined);
    if (set === "ForAnyValue" || !isNegated) return actual.some((one) => holdsFor(one, context));
    return actual.every((one) => holdsFor(one, context));
  };
}

function valuesOf(given: unknown, where: string, complain: Complain): readonly string[] {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw complain(where, "it has no values");
  return list.map((value: unknown) => {
    if (typeof value === "string") return value;
    if (typeof value === "boolean" || typeof value === "number") return String(value);
    throw complain(where, "its values are texts, numbers or booleans");
  });
}

function entriesOf(value: unknown, where: string, complain: Complain): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw complain(where, "it is a JSON object");
  }
  return Object.entries(value);
}
