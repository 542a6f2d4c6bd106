/** What a command could not do, said to its user without a stack. Exit code 1. */
export class CliError extends Error {
  readonly exitCode: number = 1;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
  }
}

/** The command line itself is wrong. Exit code 2. */
export class UsageError extends CliError {
  override readonly exitCode = 2;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}

/** Ends the command with an exit code when everything was already said. */
export class SilentExit extends CliError {
  override readonly exitCode: number;
  constructor(exitCode: number) {
    super("");
    this.name = "SilentExit";
    this.exitCode = exitCode;
  }
}
