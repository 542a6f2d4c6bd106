import { expect, test } from "vitest";
import { checkFilters } from "../../../src/control/event-source-filters.ts";

const check = (pattern: unknown) => () =>
  checkFilters([{ Pattern: typeof pattern === "string" ? pattern : JSON.stringify(pattern) }]);

test.each([
  { body: { testItem: ["test24", "test45"], test2: ["go"] } },
  { body: { test2: [{ exists: true }] } },
  { body: { test2: [{ numeric: [">=", 100, "<", 200] }] } },
  { body: { test2: [{ numeric: ["=", 5] }] } },
  { body: { test2: [{ prefix: "us-1" }, { suffix: ".png" }, null, "", true, 3] } },
  { body: [{ prefix: { "equals-ignore-case": "US" } }] },
  { dynamodb: { NewImage: { n: { N: [{ numeric: [">", 100] }, { "anything-but": "101" }] } } } },
  { a: [{ "anything-but": ["x", 3] }, { "equals-ignore-case": "Alice" }] },
  { $or: [{ a: ["x"] }, { b: { c: [1] } }] },
])("%j is a pattern", (pattern) => {
  expect(check(pattern)).not.toThrow();
});

test.each([
  // Recorded.
  "null",
  "simple string",
  '{"eventSource":"aws:sqs"}',
  '{"eventSource":[]}',
  "single-string",
  '[{"eventName": ["INSERT"=123}]',
  "",
  "{}",
  "[]",
  '{"a":{}}',
  '{"a":[["nested"]]}',
  '{"a":[{}]}',
  '{"a":[{"exists":"yes"}]}',
  '{"a":[{"exists":true,"prefix":"x"}]}',
  '{"a":[{"cidr":"10.0.0.0/8"}]}',
  '{"a":[{"constructor":1}]}',
  '{"a":[{"numeric":[">"]}]}',
  '{"a":[{"numeric":["<",5,">",1]}]}',
  '{"a":[{"numeric":[">",5,"<",1]}]}',
  '{"a":[{"numeric":["!",5]}]}',
  '{"a":[{"anything-but":[]}]}',
  '{"$or":[]}',
  '{"$or":["x"]}',
])("%j is none", (pattern) => {
  expect(check(pattern)).toThrow("Invalid filter pattern definition.");
});

test("there are five filters at most, and each has its pattern", () => {
  const one = { Pattern: '{"a":[1]}' };
  expect(() => checkFilters([one, one, one, one, one])).not.toThrow();
  expect(() => checkFilters([one, one, one, one, one, one])).toThrow(
    "Cannot set 6 filters: at most 5 are allowed for an event source mapping",
  );
  expect(() => checkFilters([{}])).toThrow("Invalid filter pattern definition.");
});
