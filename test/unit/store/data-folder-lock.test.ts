import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataFolderInUseError, lockDataFolder } from "../../../src/store/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-lock-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("a second server on the same folder is refused, and told who has it", () => {
  const lock = lockDataFolder(dir);
  try {
    expect(() => lockDataFolder(dir)).toThrow(DataFolderInUseError);
    expect(() => lockDataFolder(dir)).toThrow(
      `Cannot use the data folder ${dir}: another Brisk server (process ${process.pid}) is using it; stop that one, or choose another folder with --data`,
    );
  } finally {
    lock.release();
  }
});

test("a released folder can be locked again", () => {
  lockDataFolder(dir).release();
  lockDataFolder(dir).release();
});

test("a lock is kept as long as its server runs, whatever that refers to, and ends with it when it is killed", async () => {
  const program = `
    import { lockDataFolder } from ${JSON.stringify(join(import.meta.dirname, "../../../src/store/index.ts"))};
    lockDataFolder(process.argv[1]);
    // Nobody refers to the lock any more.
    for (let round = 0; round < 5; round += 1) { gc(); await new Promise(setImmediate); }
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", program, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    expect(() => lockDataFolder(dir)).toThrow(`(process ${child.pid})`);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  lockDataFolder(dir).release();
});
