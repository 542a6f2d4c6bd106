/**
 * `main HEAP SEED ROUNDS [OPERATION…]`: lets a guest that holds the host's callback call every operation that the bridge
 * offers with hostile arguments, and says on stdout what became of it. What the supervisor is to carry out is given
 * to its egress, which knows no network here. A process of its own, since isolates want a host's flags.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";
import { createEgress } from "../../../../src/egress/index.ts";
import { GuestCalls } from "../../../../src/host/guest-calls.ts";
import { GuestCode } from "../../../../src/host/guest-code.ts";
import { GuestIsolate } from "../../../../src/host/guest-isolate.ts";
import { GuestHeap } from "../../../../src/host/heap.ts";
import { TimeBudget } from "../../../../src/host/limits.ts";
import type { InvocationEvents, OperationEnvironment } from "../../../../src/host/operation.ts";
import { operations } from "../../../../src/host/operations/index.ts";
import { TurnWatch } from "../../../../src/host/turn-watch.ts";
import { OperationError, type Value } from "../../../../src/model/values.ts";
import { TestFolders } from "../files/packed.ts";

export interface Attack {
  readonly operation: string;
  /** How the guest's turn ended: only `done` let all calls be made. */
  readonly end: string;
  readonly answered: number;
  readonly refused: number;
  readonly completed: number;
  readonly complaints: readonly string[];
}

const [heapDir = "", seed = "1", rounds = "40", ...only] = process.argv.slice(2);
const turnMs = 5_000;
const root = join(import.meta.dirname, "../../../..");
/** Nothing of this may be told to a guest. */
const secrets = [root, process.execPath, "node:internal", "    at "];
const surprises: string[] = [];
process.on("unhandledRejection", (reason) => surprises.push(`unhandled: ${String(reason)}`));
process.on("uncaughtException", (error) => surprises.push(`uncaught: ${error.stack}`));

const snapshot = ivm.Isolate.createSnapshot([
  { code: readFileSync(join(import.meta.dirname, "guest.js"), "utf8") },
]);
const heap = {
  createIsolate: (memoryLimit: number) => new ivm.Isolate({ memoryLimit, snapshot }),
};
/** For the modules that a guest may ask for. */
const guestHeap = new GuestHeap(heapDir);
/** What comes before, by operation: calls that it needs, and such as chance does not find. */
const before: Readonly<Record<string, readonly Value[][]>> = {
  "module.compile": [
    "}); throw { toString: null }; ({",
    "}); throw Error('own'); ({",
    "[".repeat(50_000),
  ].map((code) => ["module.compile", "/tmp/a", code]),
  "vm.run": [
    ["vm.context", 1],
    ["vm.context", 2],
  ],
};
const watch = new TurnWatch();
using folders = new TestFolders();
const pack = await folders.pack({ task: { "index.js": "code" }, opt: {} });
const egress = createEgress({
  allow: [],
  resolve: async () => {
    throw new Error("no names here");
  },
});

const attacks: Attack[] = [];
let number = 0;
for (const name of only.length > 0 ? only : operations.keys()) attacks.push(await attack(name, ++number));
if (Object.keys(Object.prototype).length > 0 || "polluted" in {})
  surprises.push("Object.prototype was changed");
await egress.close();
process.stdout.write(JSON.stringify({ attacks, surprises }));
folders[Symbol.dispose]();
process.exit(0);

async function attack(name: string, id: number): Promise<Attack> {
  const operation = operations.get(name)!;
  const complaints: string[] = [];
  let completed = 0;
  const judge = (ok: boolean, value: Value, message: string) => {
    completed++;
    if (ok) return;
    const text = `${String(value)}\n${message}`;
    // ERR_INTERNAL is what the host did not foresee.
    if (!/^(?!ERR_INTERNAL\n)[A-Z][A-Za-z0-9_ ]*\n/.test(text)) complaints.push(`ended with ${text}`);
    for (const secret of secrets) if (text.includes(secret)) complaints.push(`told ${secret}: ${text}`);
  };
  const isolate = new GuestIsolate(heap, 64, watch);
  const environment = environmentFor(id, isolate);
  const calls: GuestCalls = new GuestCalls(environment, {
    remote: (call, remoteName, args) => {
      egress.start({ environmentId: id, operation: remoteName, args }, (error, value) => {
        calls.end(call);
        if (error !== undefined && !(error instanceof OperationError)) {
          complaints.push(`the supervisor failed: ${String(error)}`);
        }
        judge(error === undefined, error?.code ?? value, error?.message ?? "");
      });
    },
    completed: (call, ok, value, message) => {
      calls.end(call);
      judge(ok, value, message);
    },
    mayStart: () => true,
  });
  // The environment tells why it refused.
  Object.assign(environment, { takeError: () => calls.takeError() });
  let report = { answered: 0, refused: 0, complaints: [] as string[] };
  isolate.attach((asked, args) => {
    if (asked !== "test.report") return calls.call(asked, args);
    report = JSON.parse(String(args[0]));
    return undefined;
  });
  const plan = {
    name,
    kind: operation.kind,
    before: before[name] ?? [],
    expects: operation.args.map(({ expects }) => expects),
    rounds: Number(rounds),
    seed: Number(seed) * 1000 + id,
    secrets,
  };
  const budget = new TimeBudget(performance.now(), turnMs, turnMs);
  const { kind } = isolate.run(1, budget, [JSON.stringify(plan)]);
  const lateMs = performance.now() + 15_000;
  while (calls.pending > 0 && performance.now() < lateMs)
    await new Promise((resolve) => setTimeout(resolve, 2));
  // What waits for a network that is not there ends with its environment.
  egress.environmentClosed(id);
  for (const resource of environment.resources.values()) resource.close?.();
  environment.files.close();
  isolate.dispose();
  const { answered, refused } = report;
  return {
    operation: name,
    end: kind,
    answered,
    refused,
    completed,
    complaints: [...complaints, ...report.complaints],
  };
}

/** An environment's own, but that nobody waits for what its invocation says. */
function environmentFor(id: number, isolate: GuestIsolate): OperationEnvironment {
  const code = new GuestCode(isolate, guestHeap, undefined);
  const nothing = () => {};
  const lifecycle: InvocationEvents = {
    initialized: nothing,
    initFailed: nothing,
    rejectionHeard: nothing,
    result: nothing,
    failed: nothing,
    streamStarted: nothing,
    streamWrite: () => 0,
    streamEnded: nothing,
    frozen: nothing,
  };
  return {
    id,
    openedMs: performance.now(),
    wake: nothing,
    remainingMs: () => 1000,
    exit: nothing,
    log: nothing,
    heapStatistics: () => JSON.stringify(isolate.heapStatistics()),
    loadModule: (specifier) => code.loadModule(specifier),
    makeContext: (context) => code.makeContext(context),
    enterContext: (context) => isolate.enterApart(context),
    compileModule: (path, text) => code.compileModule(path, text),
    sourcePosition: () => undefined,
    takeError: () => "",
    files: folders.host().environment(pack, 1),
    lifecycle,
    resources: new Map(),
  } as Partial<OperationEnvironment> as OperationEnvironment;
}
