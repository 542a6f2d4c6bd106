import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { hostFlags } from "../../../../src/fleet/sandbox.ts";
import { operations } from "../../../../src/host/operations/index.ts";
import { ensureGuestHeap, sharedCacheDir } from "../../../../src/snapstart/index.ts";
import type { Attack } from "./main.ts";

/** Other arguments by BRISK_HOSTILE_SEED, and more of them by BRISK_HOSTILE_ROUNDS. */
const { BRISK_HOSTILE_SEED: seed = "1", BRISK_HOSTILE_ROUNDS: rounds = "40" } = process.env;
let attacks: ReadonlyMap<string, Attack>;
let surprises: readonly string[];

beforeAll(async () => {
  const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
  const flags = [...hostFlags(dir), "--allow-fs-read=*", `--allow-fs-write=${tmpdir()}/*`];
  const program = join(import.meta.dirname, "main.ts");
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, program, dir, seed, rounds],
    options,
  );
  const told = JSON.parse(stdout) as { attacks: Attack[]; surprises: string[] };
  attacks = new Map(told.attacks.map((attack) => [attack.operation, attack]));
  surprises = told.surprises;
});

test("hostile arguments surprise nothing in the host", () => {
  expect(surprises).toEqual([]);
});

test.each([...operations.keys()])("%s refuses or answers whatever a guest sends", (name) => {
  const { end, answered, refused, complaints } = attacks.get(name)!;
  expect(complaints).toEqual([]);
  expect(end).toBe("done");
  expect(answered + refused).toBe(Number(rounds));
  // Most of it is of a type that it does not take.
  if (operations.get(name)!.args.length > 0) expect(refused).toBeGreaterThan(0);
});
