import { Command, CommanderError } from "commander";
import { version } from "../version.ts";
import { auditCommand } from "./audit.ts";
import { benchCommand } from "./bench.ts";
import { CliError, SilentExit } from "./cli-error.ts";
import type { CommandContext } from "./command.ts";
import { deployCommand } from "./deploy.ts";
import { devCommand } from "./dev.ts";
import { doctorCommand } from "./doctor.ts";
import { inspectCommand } from "./inspect.ts";
import { invokeCommand } from "./invoke.ts";
import { keyCommand } from "./key.ts";
import { layerCommand } from "./layer.ts";
import { logsCommand } from "./logs.ts";
import { lsCommand } from "./ls.ts";
import { masterKeyCommand } from "./master-key.ts";
import { rmCommand } from "./rm.ts";
import { roleCommand } from "./role.ts";
import { serveCommand } from "./serve.ts";
import { snapshotCommand } from "./snapshot.ts";
import { Terminal } from "./terminal.ts";
import { tuneCommand } from "./tune.ts";
import { urlCommand } from "./url.ts";

const exitMisused = 2;

/** Runs a command line as this process. */
export async function main(argv: readonly string[]): Promise<void> {
  const abort = new AbortController();
  let onSignal = (_name: NodeJS.Signals): void => {
    // A command that only waits has nothing to put in order: it stops waiting, and a second signal ends it.
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => onSignal(name));
  // Whoever read us has gone, as `head` does: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const { stdout, stderr, stdin, env } = process;
  const exitCode = await runCommandLine(argv, {
    terminal: new Terminal({ stdout, stderr, env }),
    env,
    stdin,
    cwd: process.cwd(),
    signal: abort.signal,
    onSignal: (listener) => {
      onSignal = listener;
    },
  });
  process.exitCode = exitCode;
  // What was stopped at once is not waited for.
  if (exitCode === 130) process.exit();
}

/** @returns The exit code: 0 done, 1 failed, 2 misused. */
export async function runCommandLine(argv: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  try {
    await createProgram(context).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitMisused;
    if (error instanceof SilentExit) return error.exitCode;
    if (context.signal.aborted) {
      terminal.say("interrupted");
      return 130;
    }
    if (error instanceof CliError) {
      terminal.say(`${terminal.style("red", "error:")} ${error.message}`);
      return error.exitCode;
    }
    terminal.say(`${terminal.style("red", "error:")} this is a bug in Brisk, please report it`);
    terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command("brisk")
    .description("A self-hosted, AWS-Lambda-compatible function runtime on V8 isolates")
    .version(version, "--version", "print the version")
    .addHelpText(
      "before",
      "Examples:\n  $ brisk serve\n  $ brisk deploy examples/hello --url\n  $ brisk invoke hello --payload '{\"a\":1}'\n  $ brisk logs hello --follow\n",
    )
    .helpCommand(false)
    .showSuggestionAfterError();
  const commands = [
    serveCommand(context),
    deployCommand(context),
    devCommand(context),
    invokeCommand(context),
    logsCommand(context),
    auditCommand(context),
    lsCommand(context),
    rmCommand(context),
    urlCommand(context),
    layerCommand(context),
    inspectCommand(context),
    snapshotCommand(context),
    benchCommand(context),
    tuneCommand(context),
    keyCommand(context),
    roleCommand(context),
    masterKeyCommand(context),
    doctorCommand(context),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.terminal.print(text.replace(/\n$/, "")),
      writeErr: (text) => context.terminal.say(text.trimEnd()),
    });
  }
  return program;
}
