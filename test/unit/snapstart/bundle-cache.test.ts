import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { BundleCache } from "../../../src/snapstart/bundle-cache.ts";

const [keyA, keyB, keyC] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
const sealing = await deriveSealingKey(randomBytes(32));

let dir: string;
let cache: BundleCache;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-bundle-cache-"));
  cache = new BundleCache(dir, sealing);
  await cache.open();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function put(key: string, script: string) {
  const hash = createHash("sha256").update(script).digest("hex");
  const map = [Buffer.from("{"), Buffer.from("}")];
  return cache.put(key, { script: [Buffer.from(script)], map, hash, builtins: ["node:fs"] });
}

test("a bundle is read as it was put, and found by its key", async () => {
  const bundle = await put(keyA, "script");
  const { script, map } = await cache.read(bundle);
  expect([script.toString(), map.toString()]).toEqual(["script", "{}"]);
  expect(await cache.find(keyA)).toEqual(bundle);
  expect(await cache.find(keyB)).toBeUndefined();
});

test("sweep() removes what no function has, and what is damaged counts as absent", async () => {
  const kept = await put(keyA, "kept");
  await put(keyB, "old");
  await writeFile(join(dir, keyC), "damaged");
  expect(await cache.find(keyC)).toBeUndefined();
  expect(await cache.keys()).toEqual(new Set([keyA, keyB, keyC]));
  await cache.sweep((key) => key === kept.key);
  expect(await readdir(dir)).toEqual([keyA, "tmp"]);
  expect(await cache.find(keyA)).toEqual(kept);
});

test("one flipped bit, wherever it is, and the bundle is not read", async () => {
  const bundle = await put(keyA, "a script");
  const file = join(dir, keyA);
  const whole = await readFile(file);
  for (let at = 0; at < whole.byteLength; at++) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    await writeFile(file, flipped);
    await expect(cache.read(bundle), `bit ${at % 8} of byte ${at}`).rejects.toThrow();
  }
});

test("another function's bundle in a bundle's place is not read", async () => {
  const [one, two] = [await put(keyA, "one"), await put(keyB, "two")];
  await copyFile(join(dir, keyB), join(dir, keyA));
  await expect(cache.read(one)).rejects.toMatchObject({ reason: "Altered" });
  // Whole, under its own name; but the version's record asks for another script.
  await expect(cache.read({ ...two, hash: one.hash })).rejects.toMatchObject({ reason: "Altered" });
});
