import { inspect } from "node:util";
import { expect, test } from "vitest";
import { guest } from "./guest.ts";

const cases: [string, (realm: typeof globalThis) => unknown][] = [
  ["URL", (realm) => new realm.URL("http://u:p@h:1/x?y=1#z")],
  ["URLSearchParams", (realm) => [new realm.URLSearchParams("a=1&a=2"), new realm.URLSearchParams()]],
  ["Headers", (realm) => new realm.Headers({ "a-c": "1", b: "2" })],
  ["Request", (realm) => new realm.Request("http://h/", { method: "POST" })],
  ["Response without a body", (realm) => new realm.Response(null, { status: 404 })],
  ["Blob and File", (realm) => [new realm.Blob(["x"]), new realm.File([""], "n", { lastModified: 1 })]],
  ["AbortController", (realm) => new realm.AbortController()],
];

test.each(cases)("%s is shown as in Node", (_, make) => {
  expect(inspect(make(guest))).toBe(inspect(make(globalThis)));
});

test("a form shows its fields", () => {
  const form = new guest.FormData();
  form.append("a", "1");
  form.append("b", "2");
  form.append("b", "3");
  expect(inspect(form)).toBe("FormData { a: '1', b: [ '2', '3' ] }");
});
