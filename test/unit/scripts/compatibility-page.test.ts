import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compatibilityPage, invocations, withTables } from "../../../scripts/compatibility-page.ts";
import { modelOperations } from "../../service-model.ts";

const root = new URL("../../../", import.meta.url);
const remedy = "run `npm run docs:compatibility`";

test("docs/api-compatibility.md says what the operation table says", async () => {
  expect(await readFile(new URL("docs/api-compatibility.md", root), "utf8"), remedy).toBe(
    compatibilityPage(),
  );
});

test("README's tables say what the operation table and the table of what is provided say", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  expect(readme, remedy).toBe(withTables(readme));
});

test("a README without marks is not written to", () => {
  expect(() => withTables("# Brisk\n")).toThrow("Cannot write the tables of README.md");
});

test.each(invocations.operations)("$name is documented with the model's route and members", (operation) => {
  const model = modelOperations.find(({ name }) => name === operation.name)!;
  expect(`${operation.method} ${operation.path}`).toBe(`${model.method} ${model.path}`);
  expect(operation.uriMembers).toEqual(model.uri);
  expect(operation.queryMembers).toEqual(model.query);
  expect(operation.headerMembers?.toSorted()).toEqual(model.header.toSorted());
});
