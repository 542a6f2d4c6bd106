import { execFile } from "node:child_process";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ensureGuestHeap, sharedCacheDir } from "../../../src/snapstart/index.ts";

test("makeCodeCaches() uses every module of the guest, and nothing of that fails", async () => {
  const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
  const program = join(import.meta.dirname, "guest-code-caches-main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-node-snapshot", program, dir]);
  const { failures, bytes } = JSON.parse(stdout) as {
    failures: Record<string, string>;
    bytes: Record<string, number>;
  };
  expect(failures).toEqual({});
  // Those that do something when they are used have more than what defines them.
  for (const name of ["buffer", "internal/streams/readable", "internal/util/inspect"]) {
    expect(bytes[`library:${name}`]).toBeGreaterThan(20_000);
  }
  for (const name of ["fetch", "streams"]) expect(bytes[`brisk:web/lazy/${name}`]).toBeGreaterThan(20_000);
  expect(
    Object.keys(bytes).filter((name) => builtinModules.includes(name.slice("node:".length))).length,
  ).toBeGreaterThan(35);
});
