import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKeys } from "../../../src/sealing/index.ts";
import { lockDataFolder } from "../../../src/store/index.ts";
import { runCli } from "./run-cli.ts";

let cwd: string;
let data: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-cli-"));
  data = join(cwd, ".brisk");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const rotate = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runCli(["master-key", "rotate", ...args], { cwd, env });

test("rotate puts a new key in the place of the one before, says both, and tells neither", async () => {
  const { keys } = await openKeys(data);
  const before = (await readFile(join(data, "master.key"), "utf8")).trim();
  const done = await rotate(["--json"]);
  expect(done).toMatchObject({ exitCode: 0 });
  const { from, to, keptFile } = JSON.parse(done.stdout);
  expect(keptFile).toBe(join(data, `master.key.${from}`));
  const after = (await readFile(join(data, "master.key"), "utf8")).trim();
  expect(after).not.toBe(before);
  for (const key of [before, after]) expect(done.stdout + done.stderr).not.toContain(key);
  expect((await openKeys(data)).keys.installation).toEqual(keys.installation);
  expect((await rotate()).stderr).toContain(`it was ${to}`);
});

test("rotate takes the keys of before and after from settings, files, commands and variables", async () => {
  const [first, second] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const { keys } = await openKeys(data, { masterKey: first });
  const toFile = await rotate(["--new-master-key-file", "next.key"], { BRISK_MASTER_KEY: first });
  expect(toFile).toMatchObject({ exitCode: 0 });
  const file = join(cwd, "next.key");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const toVariable = await rotate(["--master-key-file", "next.key"], { BRISK_NEW_MASTER_KEY: second });
  expect(toVariable).toMatchObject({ exitCode: 0 });
  expect((await openKeys(data, { masterKey: second })).keys.installation).toEqual(keys.installation);
  await expect(openKeys(data, { masterKeyFile: file })).rejects.toThrow("holds the master key");
});

test("rotate leaves alone a folder that a server has, one that has none yet, and one of another key", async () => {
  expect(await rotate()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("the first start of a server makes it"),
  });
  expect(await readdir(cwd)).toEqual([]);
  await openKeys(data);
  const other = { BRISK_MASTER_KEY: randomBytes(32).toString("base64") };
  expect((await rotate(["--new-master-key-file", "next.key"], other)).stderr).toContain(
    "it is sealed under the master key",
  );
  const lock = lockDataFolder(data);
  expect(await rotate()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("another Brisk server"),
  });
  lock.release();
  expect(await readdir(cwd)).toEqual([".brisk"]);
});
