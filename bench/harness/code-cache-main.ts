/**
 * `code-cache-main GUEST_DIR ROUNDS`: times the init of functions of several sizes, with bytecode and without, in turn,
 * and how long that takes to make. Runs with a host's flags, since isolates are made here; the answer is JSON on stdout.
 */
import { LoadedBundle } from "../../src/host/bundle.ts";
import { ExecutionEnvironment } from "../../src/host/execution-environment.ts";
import { GuestHeap } from "../../src/host/heap.ts";
import { IsolateStock } from "../../src/host/isolate-stock.ts";
import type { StartReport } from "../../src/host/outbox.ts";
import { TurnWatch } from "../../src/host/turn-watch.ts";
import { quietOutbox } from "./quiet-outbox.ts";

export interface Measured {
  readonly scriptBytes: number;
  readonly cacheBytes: number;
  readonly makeMs: number;
  readonly cachedMs: number[];
  readonly compiledMs: number[];
}

const heap = new GuestHeap(process.argv[2]!);
const rounds = Number(process.argv[3]);
const watch = new TurnWatch();
const isolates = new IsolateStock(heap, watch);
const warmUps = 2;

const results: Measured[] = [];
for (const kilobytes of [2, 8, 16, 32, 128, 512, 1200]) results.push(measure(scriptOf(kilobytes * 1024)));
process.stdout.write(JSON.stringify(results));
process.exit(0);

function measure(script: string): Measured {
  const bundle = new LoadedBundle("", script, Buffer.from('{"version":3,"sections":[]}'));
  const first = start(bundle, undefined);
  first.environment.invoke(1, 10_000, '{"requestId":"1","invokedFunctionArn":""}', "{}", () => {});
  const startMs = performance.now();
  const bytes = first.environment.codeOf(script, LoadedBundle.filename);
  const makeMs = performance.now() - startMs;
  first.environment.close();
  bundle.code("cached").take(heap, bytes);
  const cachedMs: number[] = [];
  const compiledMs: number[] = [];
  for (let round = 0; round < rounds + warmUps; round++) {
    for (const [version, list] of [["cached", cachedMs] as const, [undefined, compiledMs] as const]) {
      const { environment, ms } = start(bundle, version);
      environment.close();
      if (round >= warmUps) list.push(ms);
    }
  }
  return { scriptBytes: script.length, cacheBytes: bytes.byteLength, makeMs, cachedMs, compiledMs };
}

/** Half of its functions run at init, as those of packages do. */
function scriptOf(characters: number): string {
  const parts: string[] = [];
  for (let length = 0, index = 0; length < characters; index++) {
    const part = `
function step${index}(list, options) {
  const found = new Map();
  for (const item of list) {
    const key = typeof item === "object" && item !== null ? item.name ?? "none${index}" : String(item);
    if (options?.skip?.includes(key)) continue;
    found.set(key, (found.get(key) ?? 0) + ${index});
  }
  return [...found].map(([key, count]) => ({ key, count, label: \`\${key}: \${count}\` }));
}
${index % 2 === 0 ? `made.push(step${index}([{ name: "a" }, 1], { skip: ["b"] }).length);` : ""}`;
    parts.push(part);
    length += part.length;
  }
  return `(function (platform) { const made = []; ${parts.join("")}
return { kind: "cjs", load: () => ({ handler: (event, context, done) => done(null, made.length) }) }; })`;
}

function start(bundle: LoadedBundle, version: string | undefined) {
  const reports: StartReport[] = [];
  const environment = new ExecutionEnvironment(
    1,
    {
      bundleHash: "",
      handler: "index.handler",
      runtime: "nodejs22.x",
      memorySizeMb: 128,
      cpuTimeMs: 10_000,
      initTimeoutMs: 10_000,
      logBytesPerInvocation: 0,
      variables: {},
      ...(version === undefined ? {} : { codeCache: version }),
    },
    {
      bundle,
      heap,
      watch,
      isolates,
      onOpened: () => {},
      outbox: quietOutbox({ opened: (_durationMs, report) => reports.push(report) }),
    },
  );
  const startMs = performance.now();
  environment.open();
  const ms = performance.now() - startMs;
  const phases = reports[0]?.phases;
  if (phases === undefined) throw new Error("It did not open at once");
  return { environment, ms: ms - phases.isolateMs - phases.contextMs - phases.bindMs };
}
