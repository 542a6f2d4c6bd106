import { expect, test } from "vitest";
import { NameLookup } from "../../../../src/egress/names/name-lookup.ts";

/** A resolver that answers when it is told to. */
function heldResolver() {
  const asked: string[] = [];
  const answers = new Map<string, () => void>();
  const lookup = new NameLookup((hostname) => {
    asked.push(hostname);
    return new Promise((resolve) => answers.set(hostname, () => resolve([hostname])));
  });
  const answer = async (hostname: string) => {
    answers.get(hostname)?.();
    await new Promise(setImmediate);
  };
  return { lookup, asked, answer };
}

test("an environment whose names nobody answers leaves a thread to the others, which take turns", async () => {
  const { lookup, asked, answer } = heldResolver();
  for (const name of ["a1", "a2", "a3"]) void lookup.resolve(1, name);
  for (const name of ["b1", "b2"]) void lookup.resolve(2, name);
  void lookup.resolve(3, "c1");
  expect(asked).toEqual(["a1", "b1"]);
  await answer("b1");
  expect(asked).toEqual(["a1", "b1", "b2"]);
  await answer("b2");
  expect(asked).toEqual(["a1", "b1", "b2", "c1"]);
  await answer("a1");
  expect(asked.at(-1)).toBe("a2");
});

test("other questions that take the same threads wait for the same turns", async () => {
  const { lookup, asked, answer } = heldResolver();
  const named = lookup.resolve(1, "a");
  const service = lookup.ask(1, async () => "the service");
  expect(asked).toEqual(["a"]);
  await answer("a");
  expect(await named).toEqual(["a"]);
  expect(await service).toBe("the service");
  await expect(
    lookup.ask(1, () => {
      throw new Error("at once");
    }),
  ).rejects.toThrow("at once");
});

test("what an environment that ended still waits for is not asked", async () => {
  const { lookup, asked, answer } = heldResolver();
  void lookup.resolve(1, "a");
  const waiting = lookup.resolve(1, "b");
  lookup.leave(1);
  await expect(waiting).rejects.toMatchObject({ code: "ECONNRESET" });
  await answer("a");
  expect(asked).toEqual(["a"]);
});
