import util from "node:util";
import { AssertionError } from "./internal/assertion-error.ts";
import { isDeepEqual } from "./internal/deep-equal.ts";
import { assertFunction, invalidArgType, nodeError } from "./internal/errors.ts";

type Message = string | Error | undefined;
type Expected = unknown;

function fail(actual: unknown, expected: unknown, message: Message, operator: string, from: unknown): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({
    actual,
    expected,
    operator,
    stackStartFn: from,
    ...(message === undefined ? {} : { message }),
  });
}

function ok(value?: unknown, message?: Message): void {
  if (value) return;
  if (message instanceof Error) throw message;
  const text =
    message ??
    (arguments.length === 0
      ? "No value argument passed to `assert.ok()`"
      : "The expression evaluated to a falsy value");
  throw Object.assign(
    new AssertionError({ actual: value, expected: true, operator: "==", message: text, stackStartFn: ok }),
    { generatedMessage: message === undefined },
  );
}

/** Two values, an operator's name and what must hold. */
function comparison(operator: string, holds: (actual: unknown, expected: unknown) => boolean) {
  return function compare(actual: unknown, expected: unknown, message?: Message): void {
    if (arguments.length < 2) {
      throw nodeError(
        TypeError,
        "ERR_MISSING_ARGS",
        'The "actual" and "expected" arguments must be specified',
      );
    }
    if (!holds(actual, expected)) fail(actual, expected, message, operator, compare);
  };
}

// biome-ignore lint/suspicious/noDoubleEquals: legacy assert.equal is loose
const loose = (one: unknown, other: unknown) => one == other || (Number.isNaN(one) && Number.isNaN(other));
const deep = (strict: boolean) => (one: unknown, other: unknown) => isDeepEqual(one, other, strict);
const not = (holds: (one: unknown, other: unknown) => boolean) => (one: unknown, other: unknown) =>
  !holds(one, other);

/** Whether a thrown value is what was expected: a class, a pattern, a predicate, or an object of properties. */
function matches(error: unknown, expected: Expected, message: Message, operator: string): void {
  if (expected === undefined) return;
  if (typeof expected === "function") {
    if (expected.prototype !== undefined && error instanceof (expected as unknown as typeof Error)) return;
    if (Object.prototype.isPrototypeOf.call(Error, expected)) throw error;
    if (Reflect.apply(expected as () => unknown, {}, [error]) === true) return;
    fail(
      error,
      expected,
      message ?? 'The validation function is expected to return "true"',
      operator,
      matches,
    );
  }
  if (expected instanceof RegExp) {
    if (expected.test(String(error))) return;
    const text = `The input did not match the regular expression ${util.inspect(expected)}. Input:\n\n${util.inspect(String(error))}\n`;
    fail(error, expected, message ?? text, operator, matches);
  }
  if (typeof expected !== "object" || expected === null) {
    throw invalidArgType("expected", "of type function or an instance of Error, RegExp, or Object", expected);
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push("name", "message");
  for (const key of keys) {
    const actual = (error as Record<string, unknown> | undefined)?.[key];
    const wanted = (expected as Record<string, unknown>)[key];
    const same =
      typeof actual === "string" && wanted instanceof RegExp
        ? wanted.test(actual)
        : isDeepEqual(actual, wanted, true);
    if (!same) fail(error, expected, message, operator, matches);
  }
}

/** `throws(fn, "message")`: a string in second place is the message. */
function split(expected: Expected, message: Message): [Expected, Message] {
  return typeof expected === "string" ? [undefined, expected] : [expected, message];
}

function missing(kind: string, expected: Expected, message: Message, operator: string, from: unknown): never {
  const named = typeof expected === "function" && expected.name ? ` (${expected.name})` : "";
  const text = typeof message === "string" ? `: ${message}` : ".";
  fail(
    undefined,
    expected,
    message instanceof Error ? message : `Missing expected ${kind}${named}${text}`,
    operator,
    from,
  );
}

function throws(block: () => unknown, expected?: Expected, message?: Message): void {
  assertFunction(block, "fn");
  const [wanted, text] = split(expected, message);
  try {
    block();
  } catch (error) {
    matches(error, wanted, text, "throws");
    return;
  }
  missing("exception", wanted, text, "throws", throws);
}

function unwanted(kind: string, error: unknown, message: Message, operator: string, from: unknown): never {
  const text = typeof message === "string" ? `: ${message}` : ".";
  const reason = error instanceof Error ? `\nActual message: "${error.message}"` : "";
  fail(
    error,
    undefined,
    message instanceof Error ? message : `Got unwanted ${kind}${text}${reason}`,
    operator,
    from,
  );
}

function doesNotThrow(block: () => unknown, expected?: Expected, message?: Message): void {
  assertFunction(block, "fn");
  const [, text] = split(expected, message);
  try {
    block();
  } catch (error) {
    unwanted("exception", error, text, "doesNotThrow", doesNotThrow);
  }
}

function promiseOf(block: unknown): Promise<unknown> {
  const promise = typeof block === "function" ? (block as () => unknown)() : block;
  if (typeof (promise as { then?: unknown } | undefined)?.then !== "function") {
    throw invalidArgType("promiseFn", "of type function or an instance of Promise", block);
  }
  return promise as Promise<unknown>;
}

async function rejects(block: unknown, expected?: Expected, message?: Message): Promise<void> {
  const [wanted, text] = split(expected, message);
  const promise = promiseOf(block);
  try {
    await promise;
  } catch (error) {
    matches(error, wanted, text, "rejects");
    return;
  }
  missing("rejection", wanted, text, "rejects", rejects);
}

async function doesNotReject(block: unknown, expected?: Expected, message?: Message): Promise<void> {
  const [, text] = split(expected, message);
  try {
    await promiseOf(block);
  } catch (error) {
    unwanted("rejection", error, text, "doesNotReject", doesNotReject);
  }
}

function pattern(operator: "match" | "doesNotMatch") {
  return function compare(text: unknown, expression: RegExp, message?: Message): void {
    if (!(expression instanceof RegExp)) throw invalidArgType("regexp", "an instance of RegExp", expression);
    const found = typeof text === "string" && expression.test(text);
    if (typeof text === "string" && found === (operator === "match")) return;
    const problem =
      typeof text !== "string"
        ? `The "string" argument must be of type string. Received type ${typeof text} (${util.inspect(text)})`
        : operator === "match"
          ? `The input did not match the regular expression ${util.inspect(expression)}. Input:\n\n${util.inspect(text)}\n`
          : `The input was expected to not match the regular expression ${util.inspect(expression)}. Input:\n\n${util.inspect(text)}\n`;
    fail(text, expression, message ?? problem, operator, compare);
  };
}

function ifError(value: unknown): void {
  if (value === null || value === undefined) return;
  const text = value instanceof Error ? value.message || value.constructor.name : util.inspect(value);
  fail(value, null, `ifError got unwanted exception: ${text}`, "ifError", ifError);
}

function failNow(message: Message = "Failed"): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message, operator: "fail", stackStartFn: failNow });
}

const shared = {
  AssertionError,
  ok,
  fail: failNow,
  throws,
  doesNotThrow,
  rejects,
  doesNotReject,
  ifError,
  match: pattern("match"),
  doesNotMatch: pattern("doesNotMatch"),
  strictEqual: comparison("strictEqual", Object.is),
  notStrictEqual: comparison("notStrictEqual", not(Object.is)),
  deepStrictEqual: comparison("deepStrictEqual", deep(true)),
  notDeepStrictEqual: comparison("notDeepStrictEqual", not(deep(true))),
};

const assert = Object.assign((...args: Parameters<typeof ok>) => Reflect.apply(ok, undefined, args), shared, {
  equal: comparison("==", loose),
  notEqual: comparison("!=", not(loose)),
  deepEqual: comparison("deepEqual", deep(false)),
  notDeepEqual: comparison("notDeepEqual", not(deep(false))),
});

const strict = Object.assign((...args: Parameters<typeof ok>) => Reflect.apply(ok, undefined, args), shared, {
  equal: shared.strictEqual,
  notEqual: shared.notStrictEqual,
  deepEqual: shared.deepStrictEqual,
  notDeepEqual: shared.notDeepStrictEqual,
});

export default Object.assign(assert, { strict: Object.assign(strict, { strict }) });
