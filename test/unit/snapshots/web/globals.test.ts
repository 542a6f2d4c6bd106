import { expect, test } from "vitest";
import { provided } from "../../../../snapshots/provides.ts";
import { guest } from "./guest.ts";

const table = provided.filter(({ kind }) => kind === "global");

test("the table of what is provided names every web global, once", () => {
  const names = table.map(({ name }) => name).sort();
  expect(names).toEqual([...new Set(names)]);
  expect(names).toEqual(expect.arrayContaining(Object.keys(guest)));
});

test("the table says which globals are compiled at first use", () => {
  const lazy = table.filter((entry) => entry.lazy).map(({ name }) => name);
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(guest))
    .filter(([, descriptor]) => descriptor.get !== undefined)
    .map(([name]) => name);
  expect(lazy.sort()).toEqual(expect.arrayContaining(accessors.sort()));
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
