import type { Command } from "commander";
import { type AuditRecord, identityName, withoutVersion } from "../audit/index.ts";
import { CliError, UsageError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { toCount, toEpochMs } from "./event-range.ts";
import { readLines } from "./read-lines.ts";
import { oneLine, toTable } from "./table.ts";

interface AuditOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly limit?: string;
  readonly user?: string;
  readonly event?: string;
  readonly errors?: boolean;
}

const examples = [
  "brisk audit",
  "brisk audit --since 1h --user ci",
  "brisk audit --event DeleteFunction --since 7d",
  "brisk audit --errors --follow",
  "brisk audit --since 2026-01-31T12:00:00Z --json > records.ndjson",
];

const defaultLimit = "100";

export function auditCommand(context: CommandContext): Command {
  const command = defineCommand("audit", "Say who called the API, from where, and what came of it", examples)
    .option("-f, --follow", "go on with what comes, until Ctrl-C")
    .option("--since <time>", "only calls since: 90s, 10m, 2h, 1d ago, or an ISO time")
    .option("--limit <count>", `only the newest calls (${defaultLimit}, or all with --since)`)
    .option("--user <who>", "only calls of a user, a role, an ARN, an access key's id, root or anonymous")
    .option("--event <operation>", "only calls of an operation, such as CreateFunction")
    .option("--errors", "only calls that were refused or failed");
  return withClientOptions(command)
    .addHelpText(
      "after",
      "\nWith --json, a CloudTrail record a line. On a server with --auth sigv4 it needs the action brisk:GetAudit.",
    )
    .action((options: AuditOptions) => printAudit(options, context));
}

async function printAudit(options: AuditOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  const since = options.since === undefined ? undefined : toEpochMs(options.since, Date.now());
  const limit = options.limit ?? (since === undefined ? defaultLimit : undefined);
  const query = {
    since: since === undefined ? undefined : String(since),
    limit: limit === undefined ? undefined : toCount(limit),
    user: options.user,
    event: options.event === undefined ? undefined : operationName(options.event),
    errors: options.errors ? "1" : undefined,
    follow: options.follow ? "1" : undefined,
  };
  let count = 0;
  try {
    const response = await client.send({ method: "GET", path: "/_brisk/audit", query });
    const rows: string[][] = [];
    for await (const line of readLines(response.body)) {
      count += 1;
      if (options.json) await terminal.write(Buffer.from(`${line}\n`));
      else if (options.follow) await terminal.write(Buffer.from(`${followed(JSON.parse(line))}\n`));
      else rows.push(cells(JSON.parse(line)));
    }
    if (rows.length > 0) for (const line of toTable(heading, rows)) terminal.print(line);
  } catch (error) {
    if (context.signal.aborted) return;
    if (error instanceof CliError) {
      throw new CliError(`cannot read the audit log: ${error.message}`, { cause: error });
    }
    throw new CliError(`the audit log broke off: ${(error as Error).message}`, { cause: error });
  }
  if (count === 0 && !options.json) {
    const isNarrow = Object.values({ ...query, limit: undefined }).some((value) => value !== undefined);
    terminal.say(isNarrow ? "No call matches; leave out a filter to see more." : "No calls yet.");
  }
}

const heading = ["TIME", "WHO", "FROM", "EVENT", "ON", "RESULT"];
/** A result is the last column, and may be long. */
const longestResult = 160;

function cells(record: AuditRecord): string[] {
  const { errorCode, errorMessage } = record;
  const result = errorCode === undefined ? "ok" : [errorCode, errorMessage].filter(Boolean).join(": ");
  return [
    record.eventTime.replace("T", " ").replace("Z", ""),
    identityName(record),
    record.sourceIPAddress,
    withoutVersion(record.eventName),
    subjectOf(record),
    result.length > longestResult ? `${result.slice(0, longestResult - 1)}…` : result,
  ].map(printable);
}

/** What comes one by one has columns of a width of their own. */
function followed(record: AuditRecord): string {
  const widths = [19, 16, 15, 28, 24, 0];
  return cells(record)
    .map((cell, index) => oneLine(cell).padEnd(widths[index] ?? 0))
    .join("  ")
    .trimEnd();
}

/** What a call was about, in a word. */
function subjectOf({ requestParameters, resources }: AuditRecord): string {
  const members = (requestParameters ?? {}) as Record<string, unknown>;
  for (const name of [
    "functionName",
    "layerName",
    "resource",
    "user",
    "uUID",
    "codeSigningConfigArn",
    "path",
  ]) {
    const value = members[name];
    if (typeof value === "string") return value;
  }
  return resources?.[0]?.ARN ?? "";
}

/** Clients chose some of these texts: nothing of them may move the cursor, or turn the line around. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ");
}

/** As people write it: `lambda:CreateFunction` and `create-function` are the same operation. */
function operationName(text: string): string {
  const name = text.replace(/^(?:lambda|brisk):/, "");
  const camel = name.includes("-")
    ? name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : name;
  if (!/^[A-Za-z][A-Za-z0-9]{0,127}$/.test(camel)) {
    throw new UsageError(`--event "${text}" is no operation; one looks like CreateFunction`);
  }
  return camel;
}
