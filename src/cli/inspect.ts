import type { Command } from "commander";
import type { StartRecord } from "../model/starts.ts";
import { type AliasConfiguration, findAlias, sharesOf } from "./aliases.ts";
import { CliError } from "./cli-error.ts";
import { type StartsAnswer, Target } from "./cold-starts.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import type { FunctionConfiguration } from "./lambda-api.ts";
import { formatBytes } from "./progress.ts";
import { toFacts, toTable } from "./table.ts";

const examples = [
  "brisk inspect hello",
  "brisk inspect hello:3",
  "brisk inspect hello:live --json | jq '.starts[0].phasesMs'",
];

export function inspectCommand(context: CommandContext): Command {
  const command = defineCommand(
    "inspect <name[:qualifier]>",
    "Show a function's state, and how its last environments started and why",
    examples,
  );
  return withClientOptions(command)
    .addHelpText(
      "after",
      "\nWithout a qualifier, $LATEST. With --json: configuration and, for an alias, alias (Lambda's), version, wanted,\nenvironments and starts, the newest first, with their phases in ms. What init did is told by brisk snapshot.",
    )
    .action((text: string, options: ClientOptions) => inspect(new Target(text), options, context));
}

async function inspect(target: Target, options: ClientOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  try {
    const [configuration, starts, alias] = await Promise.all([
      target.configuration(client),
      target.starts(client),
      target.alias === undefined ? undefined : findAlias(client, target.name, target.alias),
    ]);
    if (options.json) {
      terminal.json({ configuration, alias, ...starts });
      return;
    }
    for (const line of toFacts(factsOf(target, configuration, starts, alias))) terminal.print(line);
    terminal.print("");
    for (const line of startLines(starts.starts)) terminal.print(line);
  } catch (error) {
    const refusal = await target.explain(error, client);
    if (!(refusal instanceof CliError)) throw refusal;
    throw new CliError(`cannot inspect "${target.text}": ${refusal.message}`, { cause: refusal });
  }
}

function factsOf(
  target: Target,
  configuration: FunctionConfiguration,
  { version, wanted, environments, starts }: StartsAnswer,
  alias: AliasConfiguration | undefined,
): [string, string][] {
  const { Runtime, Handler, MemorySize, Timeout, SnapStart, StateReason } = configuration;
  const last = starts[0];
  const shares = alias && sharesOf(alias);
  const facts: [string, string][] = [
    ["Function", `${target.name}, version ${version}`],
    ...(shares === undefined ? [] : [["Requests", shares] as [string, string]]),
    ["Configuration", `${Runtime}, ${Handler}, ${MemorySize} MB, ${Timeout} s`],
    ["State", stateOf(configuration)],
  ];
  if (StateReason !== undefined) facts.push(["Reason", StateReason]);
  facts.push([
    "SnapStart",
    `ApplyOn ${SnapStart?.ApplyOn}, OptimizationStatus ${SnapStart?.OptimizationStatus}`,
  ]);
  if (wanted !== undefined) facts.push(["Starts by", wanted]);
  if (last !== undefined) facts.push(["Last start", strategyOf(last)]);
  if (environments !== undefined) {
    const { idle, busy, starting } = environments;
    facts.push(["Environments", `${idle} idle, ${busy} busy, ${starting} starting`]);
  }
  return facts;
}

function stateOf({ State, LastUpdateStatus, LastUpdateStatusReason }: FunctionConfiguration): string {
  if (LastUpdateStatus === undefined || LastUpdateStatus === "Successful") return State ?? "-";
  const reason = LastUpdateStatusReason === undefined ? "" : `: ${LastUpdateStatusReason}`;
  return `${State}, last update ${LastUpdateStatus}${reason}`;
}

function strategyOf({ strategy, reason }: StartRecord): string {
  return reason === undefined ? strategy : `${strategy}, since ${reason}`;
}

const shownStarts = 10;

function startLines(starts: readonly StartRecord[]): string[] {
  if (starts.length === 0) return ["No environment of it has started yet."];
  const shown = starts.slice(0, shownStarts);
  const phases = [...new Set(shown.flatMap((start) => Object.keys(start.phasesMs)))];
  const heading = ["STARTED", "BY", "MS", ...phases.map((phase) => phase.toUpperCase()), "MEMORY", "NOTE"];
  const rows = shown.map((start) => [
    new Date(start.atMs).toISOString().slice(0, 19).replace("T", " "),
    start.strategy,
    milliseconds(start.durationMs),
    ...phases.map((phase) => milliseconds(start.phasesMs[phase])),
    formatBytes(start.memoryBytes),
    [start.isAhead ? "ahead of need" : "", start.reason ?? ""].filter((note) => note !== "").join("; "),
  ]);
  const left = starts.length - shown.length;
  return [
    ...toTable(heading, rows),
    ...(left > 0 ? [`… and ${left} before these (--json has them all)`] : []),
  ];
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return "-";
  return value < 1000 ? value.toFixed(1) : String(Math.round(value));
}
