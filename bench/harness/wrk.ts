import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Target } from "./target.ts";

const execute = promisify(execFile);

export interface WrkOptions {
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second that are sent, however fast they are answered; absent: as many as go. */
  readonly rate?: number;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly meanMs: number;
}

/** One run of wrk, in its own process. @throws If an answer was an error, as then nothing was measured. */
export async function wrk(target: Target, options: WrkOptions): Promise<WrkResult> {
  const { path, connections, seconds, rate = 0 } = options;
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", join(import.meta.dirname, "wrk.lua")];
  if (target.host !== undefined) args.push("-H", `Host: ${target.host}`);
  args.push(new URL(path, target.url).href);
  const env = { ...process.env, BENCH_RATE: String(rate) };
  const { stdout } = await execute("wrk", args, { env }).catch((error) => {
    if (error.code === "ENOENT") throw new Error("wrk is missing: apt-get install wrk (or brew install wrk)");
    throw error;
  });
  const json = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (json === undefined) throw new Error(`wrk reported nothing:\n${stdout}`);
  const result = JSON.parse(json) as Record<
    "requests" | "durationUs" | "errors" | "p50Us" | "p99Us" | "meanUs",
    number
  >;
  if (result.errors > 0 || result.requests === 0) {
    throw new Error(`${target.name}: ${result.errors} of ${result.requests} requests failed`);
  }
  return {
    requestsPerSecond: result.requests / (result.durationUs / 1e6),
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    meanMs: result.meanUs / 1000,
  };
}
