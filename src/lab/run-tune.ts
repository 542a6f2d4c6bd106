import { randomBytes } from "node:crypto";
import { BriskApiError, type BriskServer } from "./brisk-server.ts";
import { countFailures } from "./failures.ts";
import { HttpClient } from "./http-client.ts";
import { interleave } from "./interleave.ts";
import { lambdaPrice } from "./lambda-price.ts";
import type { TunePoint, TuneRun } from "./model.ts";
import { reasonOf } from "./reason.ts";
import { createRunHeader } from "./run-header.ts";

export interface TuneInput {
  readonly command: string;
  readonly server: BriskServer;
  readonly functionName: string;
  /** A version or an alias; absent: `$LATEST`. */
  readonly qualifier?: string | undefined;
  /** JSON. */
  readonly event: string;
  /** MB. */
  readonly memorySizesMb: readonly number[];
  readonly runs: number;
  readonly warmUpRuns: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number, doing: string) => void;
}

/** Of Lambda's GetFunction, what a copy needs. */
interface FunctionDescription {
  readonly Configuration: {
    readonly Handler: string;
    readonly Runtime: string;
    readonly Timeout: number;
    readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  };
  readonly Code: { readonly Location: string };
}

interface Report {
  readonly durationMs: number;
  readonly coldMs: number | undefined;
  readonly maxMemoryUsedMb: number;
}

/**
 * Runs copies of a function at several memory sizes, which its CPU time follows (see `defaultCpuTimeMs`). The function
 * itself is only read; the copies are deleted at the end, whatever happens.
 * @throws {BriskApiError} When there is no such function, or a copy can't be made.
 */
export async function runTune(input: TuneInput): Promise<TuneRun> {
  const startedMs = Date.now();
  await using copies = new AsyncDisposableStack();
  using client = copies.use(new HttpClient(2));
  const sizes = [...new Set(input.memorySizesMb)].sort((a, b) => a - b);
  const { description, zip } = await readFunction(input, client);
  const names = new Map<number, string>();
  for (const [index, memorySizeMb] of sizes.entries()) {
    input.signal.throwIfAborted();
    input.onProgress(index, sizes.length, `copy with ${memorySizeMb} MB`);
    names.set(memorySizeMb, await createCopy(input, description, zip, memorySizeMb, copies));
  }
  const cold = new Map<number, Report>();
  const memory = new Map<number, number>();
  const contenders = new Map<string, () => Promise<number>>();
  for (const [size, name] of names) {
    contenders.set(`${size} MB`, async () => {
      const report = await invoke(input, name);
      if (report.coldMs !== undefined && !cold.has(size)) cold.set(size, report);
      memory.set(size, Math.max(memory.get(size) ?? 0, report.maxMemoryUsedMb));
      return report.durationMs;
    });
  }
  const outcomes = await interleave({
    contenders,
    rounds: input.runs,
    // The first one is cold, and no part of the duration.
    warmUpRounds: Math.max(1, input.warmUpRuns),
    seed: input.seed,
    signal: input.signal,
    onProgress: input.onProgress,
  });
  const points = sizes.map((size): TunePoint => {
    const { results = [], errors = [] } = outcomes.get(`${size} MB`) ?? {};
    return {
      memorySizeMb: size,
      durationsMs: results,
      coldMs: cold.get(size)?.coldMs ?? null,
      maxMemoryUsedMb: memory.get(size) ?? null,
      failures: countFailures(errors.map(reasonOf)),
    };
  });
  return {
    kind: "tune",
    ...createRunHeader({ command: input.command, startedMs }),
    functionName: input.functionName,
    settings: { runs: input.runs, warmUpRuns: Math.max(1, input.warmUpRuns), seed: input.seed },
    pricing: lambdaPrice,
    points,
  };
}

async function readFunction(
  { server, functionName, qualifier }: TuneInput,
  client: HttpClient,
): Promise<{ description: FunctionDescription; zip: Uint8Array }> {
  const query = qualifier === undefined ? "" : `?Qualifier=${encodeURIComponent(qualifier)}`;
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}${query}`;
  const description = (await server.api("GET", path)) as unknown as FunctionDescription;
  const { status, bytes } = await client.call(description.Code.Location);
  if (status !== 200) throw new Error(`its code can't be downloaded: ${status}`);
  return { description, zip: bytes };
}

async function createCopy(
  { server, functionName }: TuneInput,
  { Configuration }: FunctionDescription,
  zip: Uint8Array,
  memorySizeMb: number,
  copies: AsyncDisposableStack,
): Promise<string> {
  const name = `${functionName.slice(0, 40)}-tune-${memorySizeMb}-${randomBytes(3).toString("hex")}`;
  // Before it is there: one whose build failed is deleted as well.
  copies.defer(async () => {
    await server.delete(name).catch((error: unknown) => {
      if (!(error instanceof BriskApiError && error.status === 404)) throw error;
    });
  });
  await server.deploy({
    name,
    zip,
    handler: Configuration.Handler,
    runtime: Configuration.Runtime,
    variables: Configuration.Environment?.Variables ?? {},
    memorySizeMb,
    timeoutSeconds: Configuration.Timeout,
  });
  return name;
}

/** @throws {Error} When the function failed; what an error takes is no duration. */
async function invoke({ server, event }: TuneInput, name: string): Promise<Report> {
  const answer = await server.call(`/2015-03-31/functions/${name}/invocations`, {
    method: "POST",
    body: event,
    headers: { "x-amz-log-type": "Tail" },
  });
  if (answer.status !== 200 || answer.headers["x-amz-function-error"] !== undefined) {
    throw new Error(`it answers ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
  const log = Buffer.from(String(answer.headers["x-amz-log-result"] ?? ""), "base64").toString();
  return parseReport(log);
}

/** @param log The end of an invocation's log. @throws {Error} Without a REPORT line. */
export function parseReport(log: string): Report {
  const line = /^REPORT .*$/m.exec(log)?.[0];
  const figure = (name: string): number | undefined => {
    const text = new RegExp(`\\t${name}: ([0-9.]+) M?`).exec(line ?? "")?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const durationMs = figure("Duration");
  if (durationMs === undefined) throw new Error(`its log has no REPORT line: ${log.slice(0, 200)}`);
  const startMs = figure("Init Duration") ?? figure("Restore Duration");
  return {
    durationMs,
    coldMs: startMs === undefined ? undefined : startMs + durationMs,
    maxMemoryUsedMb: figure("Max Memory Used") ?? 0,
  };
}
