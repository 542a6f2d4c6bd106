import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GuestScriptCache } from "../../../src/builder/guest-script-cache.ts";

test("GuestScriptCache makes a script once for its texts, in their order, and what all depend on", async () => {
  const dir = await mkdtemp(join(tmpdir(), "brisk-scripts-"));
  let made = 0;
  const make = async () => `script ${++made}`;
  const cache = new GuestScriptCache(dir, "one");
  expect(await cache.get(["a", "b"], make)).toBe("script 1");
  expect(await new GuestScriptCache(dir, "one").get(["a", "b"], make)).toBe("script 1");
  expect(await cache.get(["b", "a"], make)).toBe("script 2");
  expect(await cache.get(["a\n1\nb"], make)).toBe("script 3");
  expect(await new GuestScriptCache(dir, "other").get(["a", "b"], make)).toBe("script 4");
  // What nobody asked for in a week goes when something is added.
  const old = join(dir, "old.js");
  await writeFile(old, "");
  await utimes(old, 0, 0);
  await new GuestScriptCache(dir, "one").clean();
  expect(await readdir(dir)).toHaveLength(5);
  await cache.clean();
  expect(await readdir(dir)).toHaveLength(4);
  await rm(dir, { recursive: true });
});

test("GuestScriptCache makes every script where its folder cannot be", async () => {
  const cache = new GuestScriptCache(join(import.meta.filename, "folder"), "");
  for (const script of ["1", "2"]) expect(await cache.get(["a"], async () => script)).toBe(script);
  await cache.clean();
});
