import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyRing } from "../../../src/access/key-ring.ts";
import { resealOlderKeys } from "../../../src/access/reseal-older-keys.ts";
import { Roles } from "../../../src/access/roles.ts";
import { olderAccessKeys } from "../../older-access-keys.ts";

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
  const text = await readFile(file, "utf8");
  expect(Object.keys(JSON.parse(text))).toEqual(["sealed"]);
  const sealed = Buffer.from(JSON.parse(text).sealed, "base64").toString("latin1");
  for (const known of [newRootKey?.secretAccessKey, newRootKey?.accessKeyId]) {
    expect(text).not.toContain(known);
    expect(sealed).not.toContain(known);
  }
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
  const { sealed } = JSON.parse(text);
  const bytes = Buffer.from(sealed, "base64");
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
  await writeFile(file, JSON.stringify({ sealed: bytes.toString("base64") }));
  await expect(open()).rejects.toThrow("is damaged");
  // What is not sealed is not believed, whatever it says.
  await writeFile(file, JSON.stringify({ keys: [], users: [] }));
  await expect(open()).rejects.toThrow("is damaged");
  await writeFile(join(dataDir, "roles.json"), text, { mode: 0o600 });
  const roles = { dataDir, installationKey: new Uint8Array(32), accountId: "000000000000", clock };
  await expect(Roles.open(roles)).rejects.toThrow("is damaged");
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
  expect(ring.find(first.accessKeyId)).toMatchObject({
    secretAccessKey: first.secretAccessKey,
    principal: { userName: "ci", userId: first.user.userId, policies: [] },
  });
  expect(ring.find("__proto__")).toBeUndefined();
});

test("create() takes only names that AWS takes", async () => {
  const { ring } = await open();
  for (const name of ["", "a b", 'a"', "ä", "x".repeat(65), "a/b"]) {
    await expect(ring.create(name)).rejects.toThrow("a user's name has 1 to 64");
  }
});

test("delete() ends a key at once and for good, but never the last one that may do everything", async () => {
  const { ring, newRootKey } = await open();
  const rootId = newRootKey?.accessKeyId ?? "";
  const nobodyLeft =
    "no access key of the root or of a user with AdministratorAccess and no Deny would be left";
  await expect(ring.delete(rootId)).rejects.toThrow(nobodyLeft);
  const { accessKeyId } = await ring.create("ci", ["AWSLambda_FullAccess"]);
  await expect(ring.delete(rootId)).rejects.toThrow(nobodyLeft);
  await ring.attach("ci", "AdministratorAccess");
  const deny = { name: "deny", document: { Statement: { Effect: "Deny", Action: "*", Resource: "*" } } };
  await ring.attach("ci", deny);
  await expect(ring.delete(rootId)).rejects.toThrow(nobodyLeft);
  await ring.detach("ci", "deny");
  await ring.delete(rootId);
  await expect(ring.attach("ci", deny)).rejects.toThrow(nobodyLeft);
  expect(ring.find(rootId)).toBeUndefined();
  expect((await open()).ring.list().map((key) => key.accessKeyId)).toEqual([accessKeyId]);
  await expect(ring.delete(rootId)).rejects.toThrow("Access key not found");
  await expect(ring.detach("ci", "AdministratorAccess")).rejects.toThrow(nobodyLeft);
  await expect(ring.delete(accessKeyId)).rejects.toThrow(nobodyLeft);
});

test("policies are their user's, outlive a restart, and end with the user's last key", async () => {
  const { ring } = await open();
  const own = {
    name: "own",
    document: { Statement: { Effect: "Allow", Action: "lambda:GetFunction", Resource: "*" } },
  };
  const first = await ring.create("ci", ["AWSLambda_ReadOnlyAccess"]);
  const second = await ring.create("ci", [own]);
  const names = (of: KeyRing) => of.policies("ci").map(({ name }) => name);
  expect(names(ring)).toEqual(["AWSLambda_ReadOnlyAccess", "own"]);
  expect(ring.find(first.accessKeyId)?.principal.policies).toHaveLength(2);
  await ring.detach("ci", "AWSLambda_ReadOnlyAccess");
  await expect(ring.detach("ci", "AWSLambda_ReadOnlyAccess")).rejects.toThrow("Policy not attached");
  const again = (await open()).ring;
  expect(again.policies("ci")).toEqual([own]);
  await again.delete(first.accessKeyId);
  expect(names(again)).toEqual(["own"]);
  await again.delete(second.accessKeyId);
  expect(() => again.policies("ci")).toThrow("User not found: ci");
  await again.create("ci");
  expect(names(again)).toEqual([]);
  await expect(again.create(undefined, ["AWSLambdaRole"])).rejects.toThrow("the account's root");
});

test("keys of a Brisk without a master key are sealed anew, once, and keep their full access", async () => {
  const { ring } = await open();
  const { accessKeyId } = await ring.create("ci");
  const [olderKey, installationKey] = [new Uint8Array(32).fill(2), new Uint8Array(32)];
  await writeFile(file, olderAccessKeys(ring.list(), olderKey));
  await expect(resealOlderKeys(dataDir, installationKey, installationKey)).rejects.toThrow(
    `Cannot seal ${file} under the master key: it is damaged or belongs to another installation`,
  );
  // The second time is that of a start after one that was interrupted.
  for (let time = 1; time <= 2; time++) await resealOlderKeys(dataDir, olderKey, installationKey);
  const after = (await open()).ring;
  expect(after.list()).toEqual(ring.list());
  expect(after.find(accessKeyId)?.principal.policies).toHaveLength(1);
  expect(after.policies("ci")).toEqual([{ name: "AdministratorAccess" }]);
  await rm(file);
  await resealOlderKeys(dataDir, olderKey, installationKey);
});

test("changes that come together all take place", async () => {
  const { ring } = await open();
  const made = await Promise.all(Array.from({ length: 20 }, (_, i) => ring.create(`u${i}`)));
  await Promise.all(made.slice(0, 10).map((key) => ring.delete(key.accessKeyId)));
  expect((await open()).ring.list()).toHaveLength(11);
});
