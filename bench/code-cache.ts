/** How much of a function's init is compiling, and is it gone with bytecode that an earlier environment left? */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hostFlags } from "../src/fleet/sandbox.ts";
import { ensureGuestHeap, sharedCacheDir } from "../src/snapstart/index.ts";
import type { Measured } from "./harness/code-cache-main.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const rounds = 25;

export const bench: Bench = {
  question: "init of a function with its bytecode and without, by the size of its code",
  async run() {
    const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
    const program = join(import.meta.dirname, "harness/code-cache-main.ts");
    // As a host, but that it also reads the bench.
    const flags = [...hostFlags(dir), "--allow-fs-read=*"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, dir, String(rounds)]);
    return (JSON.parse(stdout) as Measured[]).flatMap((measured): Row[] => [
      ratioRow({
        measure: `init, ${Math.round(measured.scriptBytes / 1024)} KB`,
        unit: "ms",
        brisk: median(measured.cachedMs),
        peer: { name: "compiled", value: median(measured.compiledMs) },
        ...(measured.scriptBytes > 1_000_000 ? { target: { atMost: 0.4 } } : {}),
      }),
      { measure: "  bytecode", unit: "KB", brisk: measured.cacheBytes / 1024, figure: measured.cacheBytes },
      { measure: "  to make it, once", unit: "ms", brisk: measured.makeMs, figure: measured.makeMs },
    ]);
  },
};
