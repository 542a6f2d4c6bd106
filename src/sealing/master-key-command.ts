import { exec } from "node:child_process";
import { type MasterKey, MasterKeyError, parseMasterKey } from "./master-key.ts";

const maxOutputBytes = 64 * 1024;
const saidCharacters = 500;

export interface CommandOptions {
  /** Default 60 s: it may ask a service, or a person. */
  readonly timeoutMs?: number;
}

/**
 * Runs a command whose output is the key: `aws kms decrypt …`, `pass …`, `op read …`. It has this process's environment and
 * a shell, and what it prints goes nowhere else.
 * @throws {MasterKeyError} With the command, how it ended, and what it said on stderr.
 */
export async function runMasterKeyCommand(command: string, options: CommandOptions = {}): Promise<MasterKey> {
  const { timeoutMs = 60_000 } = options;
  const printed = await new Promise<string>((resolve, reject) => {
    const limits = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: maxOutputBytes } as const;
    const child = exec(command, limits, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failure(command, howItEnded(error, timeoutMs), stderr));
    });
    child.stdin?.end();
  });
  return parseMasterKey(printed, `the command ${JSON.stringify(command)}`);
}

function howItEnded(error: Error, timeoutMs: number): string {
  const { code, signal, killed } = error as { code?: unknown; signal?: unknown; killed?: boolean };
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `it printed more than ${maxOutputBytes} bytes`;
  if (killed === true) return `it took longer than ${timeoutMs / 1000} s`;
  if (typeof signal === "string") return `it was ended by ${signal}`;
  return typeof code === "number" ? `it ended with exit status ${code}` : error.message;
}

function failure(command: string, how: string, stderr: string): MasterKeyError {
  const said = stderr.trim();
  const quoted = said === "" ? "nothing" : JSON.stringify(said.slice(-saidCharacters));
  return new MasterKeyError(
    `Cannot get the master key from the command ${JSON.stringify(command)}: ${how}; on stderr it said ${quoted}`,
  );
}
