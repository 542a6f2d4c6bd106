import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { runCommandLine } from "../../../src/cli/main.ts";
import { Terminal } from "../../../src/cli/terminal.ts";

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Called for each piece of stdout. */
  readonly onStdout?: (piece: string) => void;
  readonly isTTY?: boolean;
}

/** Runs a command line in this process, with streams of its own in place of the terminal's. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const stdout = Object.assign(new PassThrough(), { isTTY: options.isTTY === true });
  const stderr = Object.assign(new PassThrough(), { isTTY: options.isTTY === true });
  const { onStdout } = options;
  if (onStdout) stdout.on("data", (piece: Buffer) => onStdout(piece.toString()));
  const texts = Promise.all([text(stdout), text(stderr)]);
  const env = options.env ?? {};
  const exitCode = await runCommandLine(argv, {
    terminal: new Terminal({ stdout, stderr, env }),
    env,
    cwd: options.cwd ?? process.cwd(),
    stdin: Readable.from([options.stdin ?? ""]),
    signal: options.signal ?? new AbortController().signal,
    onSignal: () => {},
  });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { exitCode, stdout: out, stderr: err };
}
