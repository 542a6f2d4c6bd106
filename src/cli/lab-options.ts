import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { LabRun } from "../lab/index.ts";
import { CliError, UsageError } from "./cli-error.ts";
import type { CommandContext } from "./command.ts";
import type { Style } from "./terminal.ts";

export interface RunOutput {
  /** A file, or `-`. */
  readonly json?: string;
  readonly html: string | false;
}

/** Prints a run and writes it where it is wanted. @param table Its lines, for a terminal. */
export async function showRun(
  run: LabRun,
  output: RunOutput,
  { terminal, cwd }: CommandContext,
  table: (options: { columns: number; style: (name: Style, text: string) => string }) => readonly string[],
): Promise<void> {
  if (output.json === "-") terminal.json(run);
  else {
    const style = (name: Style, text: string) => terminal.style(name, text, "stdout");
    for (const line of table({ columns: terminal.columns ?? 120, style })) terminal.print(line);
  }
  if (output.json !== undefined && output.json !== "-") {
    await write(resolve(cwd, output.json), `${JSON.stringify(run, undefined, 2)}\n`);
    terminal.say(`The run is in ${output.json}`);
  }
  if (output.html === false) return;
  const { htmlReport } = await import("../lab/index.ts");
  await write(resolve(cwd, output.html), await htmlReport(run));
  terminal.say(`The report is in ${output.html}`);
}

/** An event that was given as JSON, or as a file that holds some. @returns JSON. */
export async function readEvent(event: string, cwd: string): Promise<string> {
  const isText = /^\s*[[{"\d-]|^(null|true|false)$/.test(event);
  const file = event.replace(/^@/, "");
  const text = isText
    ? event
    : await readFile(resolve(cwd, file), "utf8").catch((error: unknown) => {
        throw new CliError(`cannot read the event from ${file}: ${(error as NodeJS.ErrnoException).code}`, {
          cause: error,
        });
      });
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`--event${isText ? "" : ` ${file}`} is no JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export function integerOption(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least) {
    throw new UsageError(`${flag} "${text}" is not a whole number from ${least} on`);
  }
  return value;
}

/** The command line of this process, as it can be typed again. */
export function commandAsTyped(): string {
  return ["brisk", ...process.argv.slice(2)].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new CliError(`cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  });
}
