import type { Command } from "commander";
import type { SnapshotFailure, SnapshotReport } from "../snapstart/index.ts";
import { CliError } from "./cli-error.ts";
import { type SnapshotAnswer, Target } from "./cold-starts.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { formatBytes, formatDuration } from "./progress.ts";
import { toFacts, toTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const examples = [
  "brisk snapshot hello:3",
  "brisk snapshot hello:live",
  "brisk snapshot hello:3 --json | jq '.report.operations'",
];

export function snapshotCommand(context: CommandContext): Command {
  const command = defineCommand(
    "snapshot <name[:qualifier]>",
    "Show what a version's init did and what its snapshot holds, or why there is none",
    examples,
  );
  return withClientOptions(command)
    .addHelpText(
      "after",
      "\nWithout a qualifier, $LATEST. With --json: version, and kind: none, building (with step), ready (with report)\nor failed (with failure: step, code and message).",
    )
    .action((text: string, options: ClientOptions) => show(new Target(text), options, context));
}

async function show(target: Target, options: ClientOptions, context: CommandContext): Promise<void> {
  const client = createClient(options, context);
  try {
    const snapshot = await target.snapshot(client);
    if (options.json) context.terminal.json(snapshot);
    else print(snapshot, target.name, context.terminal);
  } catch (error) {
    const refusal = await target.explain(error, client);
    if (!(refusal instanceof CliError)) throw refusal;
    throw new CliError(`cannot show the snapshot of "${target.text}": ${refusal.message}`, {
      cause: refusal,
    });
  }
}

function print(snapshot: SnapshotAnswer, name: string, terminal: Terminal): void {
  const version = `${name}:${snapshot.version}`;
  switch (snapshot.kind) {
    case "none":
      terminal.print(
        `${version} has no snapshot: none was asked for, or the server makes none (--snapstart off)`,
      );
      terminal.say(
        "brisk deploy <path> --snapstart publishes a version with one; BRISK_START=snapshot among the function's variables\nmakes one for $LATEST too, and brisk serve --snapstart auto for every function",
      );
      return;
    case "building":
      terminal.print(`${version} has no snapshot yet: it is being made (${snapshot.step})`);
      return;
    case "failed":
      terminal.print(`${version} has no snapshot, so it starts by init`);
      for (const line of toFacts(failureFacts(snapshot.failure))) terminal.print(line);
      terminal.say(hints[snapshot.failure.code]);
      return;
    case "ready":
      terminal.print(`${version} starts from a snapshot`);
      for (const line of reportLines(snapshot.report)) terminal.print(line);
      if (snapshot.report.randomReads > 0) terminal.say(`${terminal.style("yellow", "note:")} ${randomness}`);
  }
}

const randomness =
  "init drew randomness, and what it made of it is the same in every environment. What has to differ is drawn in the\nhandler, or in a hook of awslambda.snapstart.registerAfterRestore().";

function failureFacts({ step, code, message, retryAtMs }: SnapshotFailure): [string, string][] {
  const facts: [string, string][] = [
    ["Step", step],
    ["Code", code],
    ["Reason", message],
  ];
  if (retryAtMs !== undefined) {
    facts.push(["Next try", `with the first cold start from ${new Date(retryAtMs).toISOString()} on`]);
  }
  return facts;
}

/** What the function's owner can do about it. */
const hints: Readonly<Record<SnapshotFailure["code"], string>> = {
  InitFailed: "Environments that start by init fail in the same way: brisk logs shows what init wrote.",
  NotDeterministic:
    "Init has to ask for the same, in the same order, whenever it is given the same answers. docs/cold-starts.md says\nwhat is recorded.",
  NotFreezable:
    "Make it in the handler or on first use, or close it in a hook of awslambda.snapstart.registerBeforeSnapshot().\ndocs/cold-starts.md says what can't be frozen.",
  BuilderTimedOut: "The server's BRISK_BUILDER_TIMEOUT_MS gives builders more time.",
  BuilderOutOfMemory: "The server's BRISK_BUILDER_MEMORY_MB gives builders more memory.",
  BuilderFailed: "The function is not to blame; what the server printed says more.",
  VerifyFailed: "The snapshot was made and did not come to life in another process, so it is not used.",
  StoreFailed: "The server could not keep the snapshot: see its disk and the permissions of its data folder.",
  RestoreFailed:
    "It is not used any more. Hooks of the function's that failed have said so in its log: brisk logs.",
  NoRoom:
    "All environments that the server may have were busy: see BRISK_MAX_ENVIRONMENTS and its memory budget.",
};

function reportLines(report: SnapshotReport): string[] {
  const { operations, largestModules } = report;
  const lines = toFacts(reportFacts(report));
  const calls = Object.entries(operations).sort(([, a], [, b]) => b - a);
  if (calls.length > 0) {
    const rows = calls.map(([name, count]) => [name, String(count)]);
    lines.push("", ...toTable(["OPERATION OF INIT", "CALLS"], rows));
  }
  if (largestModules.length > 0) {
    const rows = largestModules.map(({ path, bytes }) => [path, formatBytes(bytes)]);
    lines.push("", ...toTable(["LARGEST MODULES", "SIZE"], rows));
  }
  return lines;
}

function reportFacts(report: SnapshotReport): [string, string][] {
  const { durationsMs, randomReads, timeReads, warmUps } = report;
  const steps = Object.entries(durationsMs).map(([step, ms]) => `${step} ${formatDuration(ms)}`);
  const totalMs = Object.values(durationsMs).reduce((sum, ms) => sum + ms, 0);
  return [
    ["Heap", `${formatBytes(report.bytes)}, V8 ${report.v8}, sha256 ${report.hash.slice(0, 16)}`],
    [
      "Made",
      `${new Date(report.madeAtMs).toISOString().slice(0, 19).replace("T", " ")} in ${formatDuration(totalMs)} (${steps.join(", ")})`,
    ],
    ["Clock", timeReads === 0 ? "init did not read it" : `init read it ${times(timeReads)}`],
    ["Randomness", randomReads === 0 ? "init drew none" : `init drew some ${times(randomReads)}`],
    ...report.fetches.map((fetch, index): [string, string] => [index === 0 ? "Requests" : "", fetch]),
    ["Node modules", report.builtins.length === 0 ? "none" : report.builtins.join(", ")],
    ...(warmUps.length === 0
      ? [["Warm-up", "none"] as [string, string]]
      : warmUps.map(({ source, outcome }, index): [string, string] => [
          index === 0 ? "Warm-up" : "",
          `${source}: ${outcome}`,
        ])),
    ["Priming", report.isPrimed ? "yes: the warm-up ran in the frozen heap too" : "no"],
  ];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
