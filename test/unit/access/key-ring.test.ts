import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyRing } from "../../../src/access/index.ts";

let dataDir: string;
let file: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-keys-"));
  file = join(dataDir, "access-keys.json");
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

const clock = { now: () => 1_000, monotonicMs: () => 0 };
const open = (installationKey = new Uint8Array(32)) =>
  KeyRing.open({ dataDir, installationKey, accountId: "000000000000", clock });

test("the first open makes a root key of AWS's form and tells it, the next one has it and tells nothing", async () => {
  const { ring, newRootKey } = await open();
  expect(newRootKey?.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(newRootKey?.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
  expect(newRootKey?.user).toEqual({ name: undefined, userId: "000000000000" });
  expect(ring.list()).toEqual([newRootKey]);
  const again = await open();
  expect(again.newRootKey).toBeUndefined();
  expect(again.ring.list()).toEqual([newRootKey]);
});

test("the file is its owner's alone and holds no secret in the clear", async () => {
  const { newRootKey } = await open();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).not.toContain(newRootKey?.secretAccessKey);
});

test.each([0o644, 0o640, 0o604, 0o620])("a file of mode %o is refused with what to do", async (mode) => {
  await open();
  await chmod(file, mode);
  await expect(open()).rejects.toThrow(
    /others than its owner have access to it \(mode 6\d\d\); run chmod 600/,
  );
});

test("another installation's keys, and keys that were edited, are refused", async () => {
  const { ring } = await open();
  await ring.create("ci");
  await expect(open(new Uint8Array(32).fill(1))).rejects.toThrow(
    "is damaged or belongs to another installation",
  );
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"userName": "ci"', '"userName": "admin"'));
  await expect(open()).rejects.toThrow("is damaged");
  await writeFile(file, text.slice(0, -20));
  await expect(open()).rejects.toThrow("is damaged");
});

test("create() gives one user one identity, whatever the number of keys", async () => {
  const { ring } = await open();
  const [first, second, other] = [await ring.create("ci"), await ring.create("ci"), await ring.create("ops")];
  expect(first.user).toEqual({ name: "ci", userId: expect.stringMatching(/^AIDA[A-Z2-7]{16}$/) });
  expect(second.user).toEqual(first.user);
  expect(other.user.userId).not.toBe(first.user.userId);
  expect((await ring.create()).user).toEqual({ name: undefined, userId: "000000000000" });
  expect((await open()).ring.list()).toEqual(ring.list());
  expect(ring.find(first.accessKeyId)).toBe(first);
  expect(ring.find("__proto__")).toBeUndefined();
});

test("create() takes only names that AWS takes", async () => {
  const { ring } = await open();
  for (const name of ["", "a b", 'a"', "ä", "x".repeat(65), "a/b"]) {
    await expect(ring.create(name)).rejects.toThrow("a user's name has 1 to 64");
  }
});

test("delete() ends a key at once and for good, but never the last one", async () => {
  const { ring, newRootKey } = await open();
  const rootId = newRootKey?.accessKeyId ?? "";
  await expect(ring.delete(rootId)).rejects.toThrow("it is the last access key");
  const { accessKeyId } = await ring.create("ci");
  await ring.delete(rootId);
  expect(ring.find(rootId)).toBeUndefined();
  expect((await open()).ring.list().map((key) => key.accessKeyId)).toEqual([accessKeyId]);
  await expect(ring.delete(rootId)).rejects.toThrow("Access key not found");
});

test("changes that come together all take place", async () => {
  const { ring } = await open();
  const made = await Promise.all(Array.from({ length: 20 }, (_, i) => ring.create(`u${i}`)));
  await Promise.all(made.slice(0, 10).map((key) => ring.delete(key.accessKeyId)));
  expect((await open()).ring.list()).toHaveLength(11);
});
