import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type ApiClient, functionPath } from "./api-client.ts";
import { CliError, SilentExit, UsageError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { readEventStream } from "./event-stream-reader.ts";
import { withSuggestion } from "./lambda-api.ts";
import type { Terminal } from "./terminal.ts";

interface InvokeOptions extends ClientOptions {
  readonly payload?: string;
  readonly qualifier?: string;
  readonly tenantId?: string;
  readonly tail?: boolean;
  readonly stream?: boolean;
}

interface Answer {
  readonly StatusCode: number;
  readonly ExecutedVersion?: string | undefined;
  readonly FunctionError?: string | undefined;
  readonly LogResult?: string | undefined;
  readonly payload: Buffer;
}

const examples = [
  "brisk invoke hello",
  "brisk invoke hello --payload '{\"a\":1}' --tail",
  "brisk invoke hello --payload @event.json --qualifier prod",
  "cat event.json | brisk invoke hello --payload - --stream",
];

export function invokeCommand(context: CommandContext): Command {
  const command = defineCommand("invoke <name>", "Call a function and print what it returns", examples)
    .option("--payload <json>", "the event: JSON, @file, or - for stdin ({})")
    .option("--qualifier <qualifier>", "a version or an alias")
    .option("--tenant-id <id>", "whose event it is, for a function that keeps its tenants apart")
    .option("--tail", "also show the end of the invocation's log")
    .option("--stream", "print a streamed response as it comes");
  return withClientOptions(command).action((name: string, options: InvokeOptions) =>
    invoke(name, options, context),
  );
}

async function invoke(name: string, options: InvokeOptions, context: CommandContext): Promise<void> {
  if (options.stream && options.json) throw new UsageError("--stream and --json exclude each other");
  const client = createClient(options, context);
  const payload = await readPayload(options.payload, context);
  let answer: Answer;
  try {
    answer = options.stream
      ? await invokeStreaming(client, name, options, payload, context.terminal)
      : await invokeBuffered(client, name, options, payload);
  } catch (error) {
    const refusal = await withSuggestion(error, client, name);
    if (!(refusal instanceof CliError)) throw refusal;
    throw new CliError(`cannot invoke "${name}": ${refusal.message}`, { cause: refusal });
  }
  await printAnswer(name, answer, options, context.terminal);
}

async function invokeBuffered(
  client: ApiClient,
  name: string,
  options: InvokeOptions,
  payload: Buffer,
): Promise<Answer> {
  const response = await client.send({
    method: "POST",
    path: functionPath(name, "/invocations"),
    query: { Qualifier: options.qualifier },
    headers: requestHeaders(options),
    body: payload,
  });
  return {
    StatusCode: response.status,
    ExecutedVersion: response.header("x-amz-executed-version"),
    FunctionError: response.header("x-amz-function-error"),
    LogResult: response.header("x-amz-log-result"),
    payload: Buffer.from(await response.body.text()),
  };
}

/** Chunks go to stdout as they come; what is left of the answer is how it ended. */
async function invokeStreaming(
  client: ApiClient,
  name: string,
  options: InvokeOptions,
  payload: Buffer,
  terminal: Terminal,
): Promise<Answer> {
  const response = await client.send({
    method: "POST",
    path: functionPath(name, "/response-streaming-invocations", "2021-11-15"),
    query: { Qualifier: options.qualifier },
    headers: requestHeaders(options),
    body: payload,
  });
  let end: { ErrorCode?: string; ErrorDetails?: string; LogResult?: string } | undefined;
  for await (const message of readEventStream(response.body)) {
    if (message.isException) throw new CliError(`${message.type}: ${message.payload.toString()}`);
    if (message.type === "PayloadChunk") await terminal.write(message.payload);
    else if (message.type === "InvokeComplete") end = JSON.parse(message.payload.toString() || "{}");
  }
  if (end === undefined) throw new CliError("the response stream ended before its last message");
  return {
    StatusCode: response.status,
    ExecutedVersion: response.header("x-amz-executed-version"),
    FunctionError: end.ErrorCode,
    LogResult: end.LogResult,
    payload: end.ErrorCode === undefined ? Buffer.alloc(0) : streamError(end.ErrorCode, end.ErrorDetails),
  };
}

/** The details are the error's own JSON, where the function made one. */
function streamError(code: string, details: string | undefined): Buffer {
  const error = parseOrText(Buffer.from(details ?? ""));
  const isErrorJson = typeof error === "object" && error !== null && "errorType" in error;
  return Buffer.from(JSON.stringify(isErrorJson ? error : { errorType: code, errorMessage: details ?? "" }));
}

function requestHeaders(options: InvokeOptions): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(options.tail && { "x-amz-log-type": "Tail" }),
    ...(options.tenantId !== undefined && { "x-amz-tenant-id": options.tenantId }),
  };
}

async function printAnswer(
  name: string,
  answer: Answer,
  options: InvokeOptions,
  terminal: Terminal,
): Promise<void> {
  const log = answer.LogResult === undefined ? undefined : Buffer.from(answer.LogResult, "base64").toString();
  if (options.json) {
    const { StatusCode, ExecutedVersion, FunctionError, payload } = answer;
    terminal.json({ StatusCode, ExecutedVersion, FunctionError, Payload: parseOrText(payload), Log: log });
  } else {
    if (log !== undefined) terminal.say(terminal.style("dim", log.trimEnd()));
    if (answer.FunctionError === undefined) {
      if (answer.payload.length > 0) await terminal.write(Buffer.concat([answer.payload, Buffer.from("\n")]));
      return;
    }
    for (const line of describeFunctionError(name, answer.payload)) terminal.say(line);
  }
  if (answer.FunctionError !== undefined) throw new SilentExit(1);
}

function describeFunctionError(name: string, payload: Buffer): string[] {
  const error = parseOrText(payload);
  if (typeof error !== "object" || error === null) return [`error: function "${name}" failed: ${error}`];
  const { errorType, errorMessage, trace, stackTrace } = error as Record<string, unknown>;
  const first = `error: function "${name}" failed: ${errorType ?? "Error"}: ${errorMessage ?? ""}`;
  const lines = Array.isArray(trace) ? trace : Array.isArray(stackTrace) ? stackTrace : [];
  // The trace repeats type and message, over several lines when the message has some, before its first "at".
  const frames = lines.map(String).filter((line) => /^\s+at /.test(line));
  return [first, ...frames];
}

function parseOrText(payload: Buffer): unknown {
  const text = payload.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

async function readPayload(given: string | undefined, context: CommandContext): Promise<Buffer> {
  if (given === undefined) return Buffer.from("{}");
  if (given === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  if (!given.startsWith("@")) return Buffer.from(given);
  const file = given.slice(1);
  try {
    return await readFile(resolve(context.cwd, file));
  } catch (error) {
    throw new CliError(`cannot read the payload from ${file}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
}
