import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect, test } from "vitest";
import { provided } from "../../../snapshots/provides.ts";
import { bundleGuest } from "../../../src/builder/guest-scripts.ts";

const table = provided.filter(({ kind }) => kind === "global");
const names = (of: typeof table) => of.map(({ name }) => name).toSorted();

test("the table names every global that the base heap defines, and V8's own that differ", async () => {
  const { base } = await bundleGuest(fileURLToPath(new URL("../../../snapshots", import.meta.url)));
  const realm = createContext();
  const globals = () => runInContext("Object.getOwnPropertyNames(globalThis)", realm) as string[];
  const before = new Set(globals());
  runInContext(base, realm);
  const defined = globals().filter((name) => !before.has(name) && name !== "__brisk_bind");
  // V8 has a console, for debuggers, and a function's init defines the global of Lambda's runtime.
  const expected = [...defined, "awslambda", ...(before.has("console") ? ["console"] : [])].toSorted();
  expect(names(table.filter(({ from }) => from !== "v8"))).toEqual(expected);
  expect([...before]).toEqual(expect.arrayContaining(names(table.filter(({ from }) => from === "v8"))));
});
