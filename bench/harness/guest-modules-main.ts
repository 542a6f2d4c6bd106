/**
 * `guest-modules-main GUEST_DIR ROUNDS`: times the first uses of guest modules, each in an isolate of its own, with code
 * caches and without, in turn. Runs with a host's flags, since isolates are made here; the answer is JSON on stdout.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { provided } from "../../snapshots/provides.ts";
import { LoadedBundle } from "../../src/host/bundle.ts";
import { ExecutionEnvironment } from "../../src/host/execution-environment.ts";
import { GuestHeap } from "../../src/host/heap.ts";
import { IsolateStock } from "../../src/host/isolate-stock.ts";
import { TurnWatch } from "../../src/host/turn-watch.ts";
import { quietOutbox } from "./quiet-outbox.ts";

const memoryLookMs = 110;

/** What is timed: an event of a function that did nothing before. */
const uses: Readonly<Record<string, string>> = {
  nothing: "",
  "console.log(object)": "console.log({ id: 1, tags: ['a'], at: new Date(0) })",
  "new Error, inspected": "console.error(new Error('x'))",
  "Response.json()": "Response.json({ a: 1 })",
  "new ReadableStream": "new ReadableStream()",
  structuredClone: "structuredClone({ a: [1] })",
  FormData: "new FormData().append('a', '1')",
  "Buffer.from": "Buffer.from('a').toString('base64')",
  ...Object.fromEntries(
    provided
      .filter(({ kind }) => kind === "module")
      .map(({ name }) => [`require("node:${name}")`, `require("node:${name}")`]),
  ),
};

export interface Measured {
  readonly ms: number[];
  /** Heap afterwards. */
  readonly bytes: number[];
}

class UncachedHeap extends GuestHeap {
  override moduleCache(): undefined {
    return undefined;
  }
}

const [dir, rounds] = process.argv.slice(2);
const heaps = { cached: new GuestHeap(dir!), compiled: new UncachedHeap(dir!) };
const watch = new TurnWatch();
const isolates = new IsolateStock(heaps.cached, watch);
const results = Object.fromEntries(
  Object.keys(uses).map((name) => [name, { cached: nothing(), compiled: nothing() }]),
);
for (let round = 0; round < Number(rounds) + 2; round++) {
  for (const [name, use] of Object.entries(uses)) {
    for (const kind of ["cached", "compiled"] as const) {
      // The first ones also warm our own code, and read the files.
      const isWarm = round >= 2;
      const { ms, bytes } = await measure(heaps[kind], use, !isWarm);
      if (isWarm) results[name]![kind].ms.push(ms);
      else results[name]![kind].bytes.push(bytes);
    }
  }
}
const { damaged, rejected } = heaps.cached.moduleCaches;
if (damaged + rejected > 0)
  throw new Error(`Of the code caches ${damaged} are damaged, ${rejected} rejected`);
process.stdout.write(JSON.stringify(results));
process.exit(0);

function nothing(): Measured {
  return { ms: [], bytes: [] };
}

async function measure(
  heap: GuestHeap,
  use: string,
  withMemory: boolean,
): Promise<{ ms: number; bytes: number }> {
  const script = `(function ({ require }) { return { kind: "cjs", load: () => ({ handler(event, context, done) { ${use}; done(null, "well"); } }) }; })`;
  const bundle = new LoadedBundle("", script, Buffer.from('{"version":3,"sections":[]}'));
  let answer: string | undefined;
  let memoryBytes = 0;
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
    },
    {
      bundle,
      heap,
      isolates,
      watch,
      onOpened: () => {},
      outbox: quietOutbox({
        result: (_invocation, measures, json) => {
          answer = json;
          memoryBytes = measures.memoryBytes;
        },
      }),
    },
  );
  environment.open();
  const startMs = performance.now();
  environment.invoke(1, 10_000, '{"requestId":"1","invokedFunctionArn":""}', "{}", () => {});
  const ms = performance.now() - startMs;
  if (answer !== '"well"') throw new Error(`${use}: answered ${answer}`);
  if (withMemory) {
    // An environment that just opened says what its heap was then.
    await sleep(memoryLookMs);
    environment.invoke(2, 10_000, '{"requestId":"2","invokedFunctionArn":""}', "{}", () => {});
  }
  environment.close();
  return { ms, bytes: memoryBytes };
}
