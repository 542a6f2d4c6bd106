import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MasterKeySettings } from "../../../src/sealing/master-key-source.ts";
import { openKeys } from "../../../src/sealing/open-keys.ts";
import { rotateMasterKey } from "../../../src/sealing/rotate-master-key.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-keys-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const newKey = () => randomBytes(32).toString("base64");
/** Where the keys of a folder lead to: the same for the same installation key. */
const idOf = async (settings?: MasterKeySettings) =>
  Buffer.from((await openKeys(dir, settings)).keys.files.id).toString("hex");
/** Everything in the folder, to see that nothing was changed. */
const contents = async () =>
  Promise.all(
    (await readdir(dir)).sort().map(async (name) => [name, await readFile(join(dir, name), "hex")]),
  );

describe("openKeys()", () => {
  test("makes a master key at the first start, for its owner only, and finds it again", async () => {
    const first = await openKeys(dir);
    const file = join(dir, "master.key");
    expect(first.newMasterKeyFile).toBe(file);
    for (const name of ["master.key", "installation-key.json"]) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    }
    const again = await openKeys(dir);
    expect(again.newMasterKeyFile).toBeUndefined();
    expect(again.keys.files.id).toEqual(first.keys.files.id);
  });

  test("the installation key is not on disk as it is, nor does the master key's id give it away", async () => {
    const { keys } = await openKeys(dir);
    const text = (await contents()).flat().join();
    expect(text).not.toContain(Buffer.from(keys.installation).toString("hex"));
    expect(text).not.toContain(
      Buffer.from(Buffer.from(keys.installation).toString("base64")).toString("hex"),
    );
  });

  test.each([0o640, 0o604, 0o620])(
    "refuses a master key file to which others have access (mode %o)",
    async (mode) => {
      await openKeys(dir);
      await chmod(join(dir, "master.key"), mode);
      await expect(openKeys(dir)).rejects.toThrow(
        `Cannot use the master key file ${join(dir, "master.key")}: others than its owner have access to it (mode ${mode.toString(8)}); run chmod 600 on it`,
      );
    },
  );

  test("the key comes from a variable, a file elsewhere, or a command, and is the same by each way", async () => {
    const text = newKey();
    const file = join(dir, "elsewhere");
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    const id = await idOf({ masterKey: text });
    expect(await idOf({ masterKeyFile: file })).toBe(id);
    expect(await idOf({ masterKeyCommand: `cat ${file}` })).toBe(id);
    expect(await readdir(dir)).not.toContain("master.key");
    await expect(openKeys(dir, { masterKey: text, masterKeyCommand: "true" })).rejects.toThrow(
      "BRISK_MASTER_KEY (masterKey) and --master-key-command (BRISK_MASTER_KEY_COMMAND) are both set; keep one",
    );
  });

  test.each([
    ["hunter2", "7 characters came"],
    [randomBytes(16).toString("base64"), "24 characters came"],
    [`${randomBytes(32).toString("base64")}!`, "45 characters came"],
  ])("refuses what is no key, without repeating it", async (text, count) => {
    const refused = openKeys(dir, { masterKey: text });
    await expect(refused).rejects.toThrow(count);
    await expect(refused).rejects.toThrow("make a key with: openssl rand -base64 32");
    await expect(refused).rejects.not.toThrow(text);
    expect(await readdir(dir)).toEqual([]);
  });

  test.each([
    ["exit 3", "it ended with exit status 3; on stderr it said nothing"],
    ["echo no such secret >&2; exit 1", 'it ended with exit status 1; on stderr it said "no such secret"'],
    ["kill -9 $$", "it was ended by SIGKILL"],
    ["head -c 100000 /dev/zero", "it printed more than 65536 bytes"],
  ])("says what was run and what came of it: %s", async (masterKeyCommand, what) => {
    await expect(openKeys(dir, { masterKeyCommand })).rejects.toThrow(
      `Cannot get the master key from the command ${JSON.stringify(masterKeyCommand)}: ${what}`,
    );
    await expect(openKeys(dir, { masterKeyCommand: "echo short" })).rejects.toThrow(
      'Cannot use the master key from the command "echo short": 5 characters came',
    );
  });

  test("another master key opens nothing, and nothing is changed", async () => {
    await openKeys(dir);
    const before = await contents();
    await expect(openKeys(dir, { masterKey: newKey() })).rejects.toThrow(
      /it is sealed under the master key [0-9a-f]{16}, and BRISK_MASTER_KEY \(masterKey\) holds the master key [0-9a-f]{16}/,
    );
    expect(await contents()).toEqual(before);
  });

  test("a lost master key is not made anew", async () => {
    await openKeys(dir);
    await rm(join(dir, "master.key"));
    const before = await contents();
    await expect(openKeys(dir)).rejects.toThrow(
      `and the file ${join(dir, "master.key")} is not there. Put the file back from where its copy is kept`,
    );
    expect(await contents()).toEqual(before);
  });

  test("folders that share a key file which is not there yet get the same key, and all of them open again", async () => {
    const masterKeyFile = join(dir, "shared.key");
    const folders = Array.from({ length: 8 }, (_, index) => join(dir, String(index)));
    const opened = await Promise.all(folders.map((folder) => openKeys(folder, { masterKeyFile })));
    expect(opened.filter(({ newMasterKeyFile }) => newMasterKeyFile !== undefined)).toHaveLength(1);
    for (const [index, folder] of folders.entries()) {
      const again = await openKeys(folder, { masterKeyFile });
      expect(again.keys.files.id).toEqual(opened[index]?.keys.files.id);
    }
    // Nothing else that holds a key is left.
    expect((await readdir(dir)).filter((name) => name.startsWith("shared.key"))).toEqual(["shared.key"]);
  });

  test("a lost installation key is not made anew where there is data", async () => {
    await openKeys(dir);
    await writeFile(join(dir, "brisk.sqlite"), "");
    await rm(join(dir, "installation-key.json"));
    await expect(openKeys(dir)).rejects.toThrow("installation-key.json is missing");
    expect(await readdir(dir)).not.toContain("installation-key.json");
  });

  test("a changed installation-key.json is refused", async () => {
    await openKeys(dir);
    const file = join(dir, "installation-key.json");
    const text = await readFile(file, "utf8");
    const content = JSON.parse(text);
    const sealed = Buffer.from(content.wrapped[0].installationKey, "base64");
    sealed.writeUInt8(sealed.readUInt8(30) ^ 1, 30);
    content.wrapped[0].installationKey = sealed.toString("base64");
    for (const changed of [JSON.stringify(content), text.slice(0, 20), "{}"]) {
      await writeFile(file, changed);
      await expect(openKeys(dir)).rejects.toThrow(`${file} is damaged or of a newer Brisk`);
    }
  });
});

describe("rotateMasterKey()", () => {
  test("a new key in the place of the one before; that one is kept, and opens backups only", async () => {
    const id = await idOf();
    const backup = await readFile(join(dir, "installation-key.json"));
    const { from, to, keptFile } = await rotateMasterKey(dir, {}, undefined);
    expect(keptFile).toBe(join(dir, `master.key.${from}`));
    expect((await stat(keptFile!)).mode & 0o777).toBe(0o600);
    expect(to).not.toBe(from);
    expect(await idOf()).toBe(id);
    await expect(openKeys(dir, { masterKeyFile: keptFile })).rejects.toThrow(`holds the master key ${from}`);
    await writeFile(join(dir, "installation-key.json"), backup);
    expect(await idOf({ masterKeyFile: keptFile })).toBe(id);
  });

  test("from a file to a command, and on to a file that is not there yet", async () => {
    const id = await idOf();
    const key = newKey();
    await rotateMasterKey(dir, {}, { masterKeyCommand: `echo ${key}` });
    await rm(join(dir, "master.key"));
    expect(await idOf({ masterKey: key })).toBe(id);
    const masterKeyFile = join(dir, "next.key");
    await rotateMasterKey(dir, { masterKey: key }, { masterKeyFile });
    expect(await idOf({ masterKeyFile })).toBe(id);
    await expect(openKeys(dir, { masterKey: key })).rejects.toThrow("holds the master key");
  });

  test("refuses the same key, a command that prints another one each time, and a place that it cannot write to", async () => {
    const id = await idOf();
    const same = await readFile(join(dir, "master.key"), "utf8");
    await expect(rotateMasterKey(dir, {}, { masterKey: same })).rejects.toThrow(
      "holds the one that it has already",
    );
    await expect(
      rotateMasterKey(dir, {}, { masterKeyCommand: "head -c 32 /dev/urandom | base64" }),
    ).rejects.toThrow("asked twice, it gave two different keys");
    await expect(rotateMasterKey(dir, { masterKey: same }, undefined)).rejects.toThrow(
      "say where the new one is with --new-master-key-file or --new-master-key-command",
    );
    expect(await idOf()).toBe(id);
  });

  test("interrupted at any write, one of the two keys opens the folder, and it can be done again", async () => {
    const id = await idOf();
    const file = join(dir, "master.key");
    const [oldKey, oldWrapped] = [await readFile(file), await readFile(join(dir, "installation-key.json"))];
    await rotateMasterKey(dir, {}, undefined);
    const newKeyText = await readFile(file);
    const newWrapped = await readFile(join(dir, "installation-key.json"));
    const [before, after] = [oldWrapped, newWrapped].map((text) => JSON.parse(text.toString()).wrapped[0]);
    const both = JSON.stringify({ version: 1, wrapped: [before, after] });
    for (const [key, wrapped] of [
      [oldKey, oldWrapped],
      [oldKey, both],
      [newKeyText, both],
      [newKeyText, newWrapped],
    ] as const) {
      await writeFile(file, key);
      await writeFile(`${file}.new`, newKeyText, { mode: 0o600 });
      await writeFile(join(dir, "installation-key.json"), wrapped);
      expect(await idOf()).toBe(id);
      // Whoever opened it is the only one who can from then on.
      expect(JSON.parse(await readFile(join(dir, "installation-key.json"), "utf8")).wrapped).toHaveLength(1);
      // What an interrupted rotation left of the new key is not in the next one's way.
      await rotateMasterKey(dir, {}, undefined);
      expect(await idOf()).toBe(id);
    }
  });
});
