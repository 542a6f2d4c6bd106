/**
 * `bundle-code-main GUEST_DIR`: starts environments of one function, one after the other, and says on stdout how each
 * of them started and what became of the bytecode. A process of its own, since isolates want a host's flags.
 */
import { LoadedBundle } from "../../../src/host/bundle.ts";
import { ExecutionEnvironment } from "../../../src/host/execution-environment.ts";
import { GuestHeap } from "../../../src/host/heap.ts";
import { IsolateStock } from "../../../src/host/isolate-stock.ts";
import type { StartReport } from "../../../src/host/outbox.ts";
import { TurnWatch } from "../../../src/host/turn-watch.ts";

const steps = Array.from(
  { length: 200 },
  (_, index) => `function step${index}(x) { return [x, ${index}].map((y) => y + 1); }`,
);
const script = `(function (platform) { ${steps.join("\n")}
return { kind: "cjs", load: () => ({ handler: async (event) => {
  await null;
  return [${steps.map((_, index) => `step${index}`).join(", ")}].flatMap((step) => step(event.x)).length;
} }) }; })`;

const heap = new GuestHeap(process.argv[2]!);
const watch = new TurnWatch();
const isolates = new IsolateStock(heap, watch);
const bundle = new LoadedBundle("", script, Buffer.from('{"version":3,"sections":[]}'));

interface Started {
  readonly environment: ExecutionEnvironment;
  readonly start: StartReport;
  /** What it told of bytecode: bytes, or 0 for a refusal. */
  readonly told: number[];
}

function start(version: string | undefined, memorySizeMb = 128, from = bundle): Started {
  const reports: StartReport[] = [];
  const told: number[] = [];
  const environment = new ExecutionEnvironment(
    1,
    {
      bundleHash: "",
      handler: "index.handler",
      runtime: "nodejs24.x",
      memorySizeMb,
      cpuTimeMs: 10_000,
      initTimeoutMs: 10_000,
      logBytesPerInvocation: 0,
      variables: {},
      ...(version === undefined ? {} : { codeCache: version }),
    },
    {
      bundle: from,
      heap,
      watch,
      isolates,
      onOpened: () => {},
      onCode: (bytes) => told.push(bytes?.byteLength ?? 0),
      outbox: {
        operation: () => {},
        opened: (_durationMs, report) => reports.push(report),
        openFailed: (_failure, detail) => fail(detail),
        closed: () => fail("it ended"),
        failure: (_invocation, _measures, _failure, _lives, detail) => fail(detail),
        result: (_invocation, _measures, json) => answers.push(json),
        streamHead: () => {},
        streamChunk: () => {},
        streamEnd: () => {},
        log: () => {},
      },
    },
  );
  environment.open();
  return { environment, start: reports[0] ?? fail("it did not open"), told };
}

function fail(reason: string): never {
  throw new Error(reason);
}

const answers: string[] = [];

function call({ environment }: Started): string | undefined {
  environment.invoke(1, 5000, '{"requestId":"1","invokedFunctionArn":""}', '{"x":1}', () => {});
  return answers.pop();
}

/** How it started, what it answered, and what came of having it make bytecode. */
function run(started: Started) {
  const { strategy, reason } = started.start;
  const answer = call(started);
  const tried = started.environment.makeCode();
  started.environment.close();
  return { strategy, reason, answer, tried, told: started.told };
}

const off = run(start(undefined));
const before = start("a");
const unused = { tried: before.environment.makeCode(), told: before.told };
before.environment.close();
const again = run(start("a"));
const other = start("b");
const fresh = { strategy: other.start.strategy, reason: other.start.reason };
const first = run(other);
const second = run(start("b"));
bundle.code("c").take(heap, new Uint8Array(2000));
const refused = run(start("c"));
const afterwards = run(start("c"));
const padded = new LoadedBundle("", `${script}/*${" ".repeat(4_000_000)}*/`, Buffer.from("{}"));
const tight = run(start("d", 16, padded));
const tightAgain = run(start("d", 16, padded));
const stopped = start("e");
stopped.environment.close();
const closed = stopped.environment.makeCode();
for (let version = 0; version < 20; version++) bundle.code(`many${version}`);
const bounded = bundle.code("b").reason;
process.stdout.write(
  JSON.stringify({
    off,
    unused,
    again,
    fresh,
    first,
    second,
    refused,
    afterwards,
    tight,
    tightAgain,
    closed,
    bounded,
  }),
);
process.exit(0);
