/** How long does the first use of a guest module take, with V8's code cache and when its script is compiled? */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hostFlags } from "../src/fleet/sandbox.ts";
import { ensureGuestHeap, sharedCacheDir } from "../src/snapstart/index.ts";
import type { Measured } from "./harness/guest-modules-main.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const rounds = 25;

export const bench: Bench = {
  question: "first use of a guest module, with its code cache and without",
  async run() {
    const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
    const program = join(import.meta.dirname, "harness/guest-modules-main.ts");
    // As a host, but that it also reads the bench.
    const flags = [...hostFlags(dir), "--allow-fs-read=*"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, dir, String(rounds)]);
    const results = JSON.parse(stdout) as Record<string, { cached: Measured; compiled: Measured }>;
    return Object.entries(results).flatMap(([use, { cached, compiled }]): Row[] => [
      ratioRow({
        measure: use,
        unit: "ms",
        brisk: median(cached.ms),
        peer: { name: "compiled", value: median(compiled.ms) },
        ...(use === "console.log(object)" ? { target: { atMost: 0.5 } } : {}),
      }),
      ratioRow({
        measure: "  heap afterwards",
        unit: "KB",
        brisk: median(cached.bytes) / 1024,
        peer: { name: "compiled", value: median(compiled.bytes) / 1024 },
      }),
    ]);
  },
};
