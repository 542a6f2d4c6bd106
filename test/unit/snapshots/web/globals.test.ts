import { expect, test } from "vitest";
import { provided } from "../../../../snapshots/provides.ts";
import { webProvided } from "../../../../snapshots/web/provided.ts";
import { guest } from "./guest.ts";

const table = provided.filter(({ kind }) => kind === "global");
/** Before any test touches one. */
const untouched = Object.entries(Object.getOwnPropertyDescriptors(guest));

test("the table of what is provided names every web global, once", () => {
  const names = table.map(({ name }) => name).sort();
  expect(names).toEqual([...new Set(names)]);
  expect(names).toEqual(expect.arrayContaining(untouched.map(([name]) => name)));
});

test("the table says which globals are compiled at first use: these are accessors before that, and no others", () => {
  const names = (isLazy: boolean) =>
    webProvided.filter(({ lazy }) => lazy === isLazy).map(({ name }) => name);
  const globals = (isAccessor: boolean) =>
    untouched.filter(([, { get }]) => (get !== undefined) === isAccessor).map(([name]) => name);
  expect(globals(true).sort()).toEqual(names(true).sort());
  expect(globals(false).sort()).toEqual(names(false).sort());
});

test("sessionStorage keeps texts as items and as properties, in memory, and there is no localStorage", () => {
  const {
    sessionStorage: storage,
    Storage,
    localStorage,
  } = guest as unknown as Record<string, typeof sessionStorage> & {
    Storage: new () => unknown;
  };
  storage!.setItem("a", 1 as never);
  storage!["b"] = {} as never;
  expect([
    storage!["a"],
    storage!.getItem("b"),
    storage!.length,
    storage!.key(1),
    storage!.key(2),
    "b" in storage!,
  ]).toEqual([...["1", "[object Object]", 2, "b", null, true]]);
  expect([
    { ...storage },
    String(storage),
    localStorage,
    delete storage!["a"],
    storage!.getItem("a"),
  ]).toEqual([...[{ a: "1", b: "[object Object]" }, "[object Storage]", undefined, true, null]]);
  expect(() => storage!.setItem("big", "x".repeat(6 * 1024 * 1024))).toThrow(/quota/);
  expect(() => storage!.setItem("one" as never, ...([] as never as [string]))).toThrow(
    /2 arguments required/,
  );
  expect(() => new Storage()).toThrow("Illegal constructor");
  storage!.clear();
  expect(Object.keys(storage!)).toEqual([]);
});

test("a lazy global becomes an ordinary one when it is read or assigned", () => {
  const realm = Object.create(null, Object.getOwnPropertyDescriptors(guest)) as typeof globalThis;
  const { Blob } = realm;
  expect(Object.getOwnPropertyDescriptor(realm, "Blob")).toEqual({
    ...{ value: Blob, writable: true, enumerable: false, configurable: true },
  });
  // Its module has another, which then is one, too, unless it was replaced.
  expect(Object.getOwnPropertyDescriptor(realm, "File")).toHaveProperty("value");
  realm.FormData = 1 as never;
  expect(realm.FormData).toBe(1);
  realm.Request = 2 as never;
  expect([typeof realm.Response, realm.Request]).toEqual(["function", 2]);
});
