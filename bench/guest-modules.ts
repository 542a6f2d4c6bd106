/** How long does the first use of what is compiled on demand take, with V8's code cache and when it is compiled? */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hostFlags } from "../src/fleet/sandbox.ts";
import { ensureGuestHeap, sharedCacheDir } from "../src/snapstart/index.ts";
import type { Measured } from "./harness/guest-modules-main.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const rounds = 15;

/** What is made of little else. */
const smallModules = new Set([
  "async_hooks",
  "constants",
  "diagnostics_channel",
  "events",
  "os",
  "path",
  "punycode",
  "querystring",
  "string_decoder",
  "timers",
  "timers/promises",
  "tty",
  "util/types",
]);

export const bench: Bench = {
  question:
    "first use of a guest module, with its code cache and compiled; a row's time is the event's with it",
  async run() {
    const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
    const program = join(import.meta.dirname, "harness/guest-modules-main.ts");
    // As a host, but that it also reads the bench.
    const flags = [...hostFlags(dir), "--allow-fs-read=*"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, dir, String(rounds)]);
    const results = JSON.parse(stdout) as Record<string, { cached: Measured; compiled: Measured }>;
    const nothingMs = median(results["nothing"]!.cached.ms);
    return Object.entries(results).flatMap(([use, { cached, compiled }]): Row[] => [
      firstUse(use, median(cached.ms), median(compiled.ms), nothingMs),
      ratioRow({
        measure: "  heap afterwards",
        unit: "KB",
        brisk: median(cached.bytes) / 1024,
        peer: { name: "compiled", value: median(compiled.bytes) / 1024 },
      }),
    ]);
  },
};

/** A module's time is held against its aim in ms, without what an event takes that uses none. */
function firstUse(use: string, cachedMs: number, compiledMs: number, nothingMs: number): Row {
  const name = /^require\("node:(.+)"\)$/.exec(use)?.[1];
  const row = { measure: use, unit: "ms", peer: { name: "compiled", value: compiledMs } };
  if (name !== undefined) {
    const ms = cachedMs - nothingMs;
    const target = { atMost: smallModules.has(name) ? 2 : 10 };
    return {
      measure: `${use}, with compiling ${(compiledMs - nothingMs).toFixed(2)}`,
      unit: "ms",
      brisk: ms,
      figure: ms,
      target,
    };
  }
  return ratioRow({
    ...row,
    brisk: cachedMs,
    ...(use === "console.log(object)" && { target: { atMost: 0.5 } }),
  });
}
