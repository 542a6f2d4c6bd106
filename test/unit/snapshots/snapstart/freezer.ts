/**
 * A program of tests: runs init code with the stand-ins as a recording does and as a replay does, freezes the replay's
 * heap, restores it and runs check code in it. V8 may abort it, which is what the tests want to know.
 * `freezer GUEST_DIR`, the case as JSON on stdin, the outcome as JSON on stdout.
 */
import { constants } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { getSystemErrorMap } from "node:util";
import { runInNewContext } from "node:vm";
import ivm from "isolated-vm";
import { moduleFile } from "../../../../src/model/guest-files.ts";
import type { RoundTrip, RoundTripCase, Run } from "./round-trip.ts";

const dir = process.argv[2]!;
const input = JSON.parse(readFileSync(0, "utf8")) as RoundTripCase;

interface Script {
  readonly code: string;
  readonly filename: string;
}

/** A host inside of the heap: no callback can be there while V8 freezes. */
const fakeHost = `
globalThis.host = { wall: 1e12, randoms: 0, asked: [], log: [] };
globalThis.enter = __brisk_bind((name, ...args) => {
  switch (name) {
    case "clock.wall": host.asked.push(name); return host.wall;
    case "random.math": host.asked.push(name); host.randoms += 1; return host.randoms / 1024;
    case "clock.monotonic": return 1;
    case "source.position": return "/var/task/index.js:" + args.join(":");
    case "log": host.log.push(args[1]); return undefined;
    case "system.errors": return ${JSON.stringify(JSON.stringify([...getSystemErrorMap()]))};
    case "crypto.constants": return ${JSON.stringify(JSON.stringify(constants))};
    case "wasm.validate": host.asked.push(name); return args[0].length > 8;
    default: return undefined;
  }
});
enter(6, "node:door", (require, module) => { module.exports = { default: require }; });`;

function modules(): Script[] {
  const names = JSON.parse(readFileSync(join(dir, "modules.json"), "utf8")) as string[];
  return names.map((name) => {
    const script = readFileSync(join(dir, "modules", moduleFile(name)), "utf8");
    return { code: `enter(6, ${JSON.stringify(name)}, ${script});`, filename: name };
  });
}

const settings = JSON.stringify({
  handler: "index.handler",
  runtime: "nodejs24.x",
  variables: { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128" },
});

const prepare = `
enter(0, ${JSON.stringify(settings)}, ({ require }) => ({ kind: "cjs", load() {
  globalThis.door = require("door");
  globalThis.standIns = door("brisk:snapstart/lazy/stand-ins");
  globalThis.require = require;
  return { handler: async () => 1 };
} }));
standIns.prepareInit();`;

const kept = "globalThis.kept = {}; globalThis.host ??= {};";
const bundle = input.bundle === undefined ? "" : readFileSync(input.bundle, "utf8");
const init = `globalThis.initResult = (function () { ${input.init} })();`;
const freeze = `globalThis.reason = standIns.beforeFreeze();`;
const restore = `host.asked = []; standIns.afterRestore();`;
const check = `(function () { ${input.check} })()`;
const said = `JSON.stringify({ init: globalThis.initResult, reason: globalThis.reason })`;

function run(evaluate: (code: string) => unknown): unknown {
  return JSON.parse(evaluate(`JSON.stringify({ value: (${check}) })`) as string).value;
}

const named = (code: string, filename: string): Script => ({ code, filename });
const scripts: readonly Script[] = [
  named(fakeHost, "brisk:host"),
  ...modules(),
  named(prepare, "brisk:prepare"),
  ...[kept, bundle, init].map((code) => named(code, "/var/task/index.js")),
  named(freeze, "brisk:freeze"),
  ...(input.prime === undefined
    ? []
    : [restore, input.prime, freeze].map((code) => named(code, "brisk:prime"))),
];

function recorded(): Run {
  const snapshot = readFileSync(join(dir, "base.snapshot"));
  const bytes = new ArrayBuffer(snapshot.byteLength);
  new Uint8Array(bytes).set(snapshot);
  const context = new ivm.Isolate({ snapshot: new ivm.ExternalCopy(bytes) }).createContextSync();
  for (const { code, filename } of scripts) context.evalSync(code, { filename });
  const run = JSON.parse(context.evalSync(said) as string) as Run;
  return run.reason === undefined ? { ...run, check: after(context) } : run;
}

function after(context: ivm.Context): unknown {
  context.evalSync(restore);
  return run((code) => context.evalSync(code));
}

async function restored(): Promise<Run> {
  const base = { code: readFileSync(join(dir, "base.js"), "utf8"), filename: "brisk:base" };
  const warmUp = input.warmUp === undefined ? undefined : `${restore} ${input.warmUp}`;
  const snapshot = ivm.Isolate.createSnapshot([base, ...scripts], warmUp);
  const [first, second] = [1, 2].map(() => new ivm.Isolate({ snapshot }).createContextSync());
  const run = JSON.parse(first!.evalSync(said) as string) as Run;
  if (run.reason !== undefined) return run;
  const checked = { ...run, check: after(first!), again: after(second!) };
  return input.afterwards === undefined ? checked : { ...checked, afterwards: await collected(first!) };
}

/** What is said of garbage comes as a task of V8's, when it has collected. */
async function collected(context: ivm.Context): Promise<unknown> {
  for (let round = 0; round < 5; round++) {
    context.evalSync("for (let round = 0; round < 40; round++) new Array(1e5).fill({});");
    await setTimeout(20);
    // An asynchronous entry runs V8's tasks; a synchronous one does not.
    await context.eval("1");
  }
  const code = `JSON.stringify({ value: (function () { ${input.afterwards} })() })`;
  return JSON.parse(context.evalSync(code) as string).value;
}

async function native(): Promise<Run> {
  const realm = {};
  runInNewContext(kept + bundle, realm);
  runInNewContext(`globalThis.require = undefined; ${init}`, realm);
  await runInNewContext("kept.ready", realm);
  const { init: result } = JSON.parse(runInNewContext(said, realm) as string) as Run;
  return { init: result, check: run((code) => runInNewContext(code, realm)) };
}

const inRecording = recorded();
const outcome: RoundTrip = {
  native: input.skipsNative === true ? {} : await native(),
  recorded: inRecording,
  // What the recording refused is never frozen.
  restored: inRecording.reason === undefined ? await restored() : {},
};
process.stdout.write(JSON.stringify(outcome));
