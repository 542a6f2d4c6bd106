import { describe, expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

/** The types tell the last of its signatures only. */
type Pattern = unknown[];
type Input = Parameters<URLPattern["exec"]>;

const parts = ["protocol", "username", "password", "hostname", "port", "pathname", "search", "hash"] as const;

/** Everything that a pattern says of itself and of these inputs. */
function told(Constructor: typeof URLPattern, pattern: Pattern, inputs: readonly Input[]) {
  return outcome(() => {
    const made = new Constructor(...(pattern as ConstructorParameters<typeof URLPattern>));
    return {
      parts: parts.map((part) => made[part]),
      hasRegExpGroups: made.hasRegExpGroups,
      found: inputs.map((input) => [made.test(...input), made.exec(...input)]),
    };
  });
}

const cases: [Pattern, ...Input[]][] = [
  [["https://example.com/books/:id(\\d+)?"], ["https://example.com/books/12"], ["https://example.com/books"]],
  [["/api/:version/*", "https://h"], ["https://h/api/v1/a/b?q"], ["/api/v1/", "https://h/x"], ["x"]],
  [[{ pathname: "/:first/:last.:ext" }], [{ pathname: "/a/b.c" }], [{ pathname: "/a/b" }]],
  [[{ pathname: "/a{/:more}*" }], [{ pathname: "/a/b/c" }], [{ pathname: "/a" }]],
  [[{ pathname: "/a/:rest+" }], [{ pathname: "/a/b/c" }], [{ pathname: "/a" }]],
  [[{ hostname: "{:sub.}?example.com" }], ["https://example.com/"], ["https://a.example.com/"]],
  [["https://[\\:\\:1]:8080/*"], ["https://[::1]:8080/x"]],
  [[{ protocol: "http{s}?", port: "80 " }], ["http://h/"], ["https://h:80/"]],
  [[{ protocol: "data", pathname: "text/*" }], ["data:text/plain,hello"], ["data:image/png,x"]],
  [[{ search: "?q=:q", hash: "#:hash" }], ["http://h/?q=1#top"], ["http://h/"]],
  [[{ pathname: "/FOO/é" }, { ignoreCase: true }], ["http://h/foo/%C3%A9"], ["http://h/bar"]],
  [[{ pathname: "b", baseURL: "https://u:p@h:8/a/c?q#f" }], ["https://h:8/a/b?x"], ["https://h:8/b"]],
  [["https://h/?a"], ["https://h/?a"]],
  [["https://u:p@h/\\?"], ["https://u:p@h/%3F"]],
  [[], ["http://h/"], [{}]],
  [[{ pathname: "(" }]],
  [[{ pathname: "/:a/:a" }]],
  [[{ pathname: "([a-" }]],
  [[{ pathname: "((a))" }]],
  [[{ pathname: "{a" }]],
  [[{ hostname: "a b" }]],
  [[{ port: "65536" }]],
  [["relative"]],
];

describe("URLPattern", () => {
  test.each(cases)("%j is what Node's is, and finds the same", async (pattern, ...inputs) => {
    expect(await told(guest.URLPattern, pattern, inputs)).toEqual(await told(URLPattern, pattern, inputs));
  });

  test("refuses arguments of another type with Node's codes", () => {
    const made = new guest.URLPattern();
    const refused = { code: "ERR_INVALID_ARG_TYPE" };
    expect(() => new guest.URLPattern(1 as never)).toThrow(expect.objectContaining(refused));
    expect(() => new guest.URLPattern({}, { ignoreCase: "" as never })).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => made.exec("", 1 as never)).toThrow(expect.objectContaining(refused));
    expect(() => made.test.call({} as never)).toThrow("Illegal invocation");
  });
});
