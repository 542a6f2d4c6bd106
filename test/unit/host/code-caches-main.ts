/**
 * `code-caches-main GUEST_DIR`: has a function use guest modules, as a host would, and says on stdout what it answered
 * and what became of the code caches. A process of its own, since isolates want a host's flags.
 */
import { LoadedBundle } from "../../../src/host/bundle.ts";
import { ExecutionEnvironment } from "../../../src/host/execution-environment.ts";
import { GuestHeap } from "../../../src/host/heap.ts";
import { IsolateStock } from "../../../src/host/isolate-stock.ts";
import { TurnWatch } from "../../../src/host/turn-watch.ts";

const script = `(function ({ require }) { return { kind: "cjs", load: () => ({ handler: async () => {
  const { Readable } = require("node:stream");
  let text = "";
  for await (const chunk of Readable.from(["a", "b"])) text += chunk;
  return require("node:util").format("%s %o", text, [await Response.json(1).json()]);
} }) }; })`;

const heap = new GuestHeap(process.argv[2]!);
const watch = new TurnWatch();
const answer = Promise.withResolvers<string>();
const environment = new ExecutionEnvironment(
  1,
  {
    bundleHash: "",
    handler: "index.handler",
    runtime: "nodejs24.x",
    memorySizeMb: 200,
    cpuTimeMs: 10_000,
    initTimeoutMs: 10_000,
    logBytesPerInvocation: 0,
    variables: {},
  },
  {
    bundle: new LoadedBundle("", script, Buffer.from('{"version":3,"sections":[]}')),
    heap,
    watch,
    isolates: new IsolateStock(heap, watch),
    onOpened: () =>
      environment.invoke(1, 10_000, '{"requestId":"1","invokedFunctionArn":""}', "{}", () => {}),
    outbox: {
      operation: () => {},
      opened: () => {},
      openFailed: (_failure, detail) => answer.reject(new Error(detail)),
      closed: () => {},
      failure: (_invocation, _measures, _failure, _lives, detail) => answer.reject(new Error(detail)),
      result: (_invocation, _measures, json) => answer.resolve(json),
      streamHead: () => {},
      streamChunk: () => {},
      streamEnd: () => {},
      log: () => {},
    },
  },
);
environment.open();
const text = await answer.promise;
process.stdout.write(JSON.stringify({ answer: text, ...heap.moduleCaches }));
process.exit(0);
