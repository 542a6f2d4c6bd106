import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));
export const launcher = fileURLToPath(new URL("../../bin/brisk.js", import.meta.url));

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever that is. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string | undefined>; timeoutMs?: number } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: options.timeoutMs ?? 120_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(
      file,
      [...args],
      { ...limits, cwd: options.cwd, env: { ...process.env, ...options.env } },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr });
        else reject(new Error(`${file} did not run to its end: ${stderr}`, { cause: error }));
      },
    );
  });
}

/** A `brisk serve` in a process of its own, as a user starts it. */
export class ServeProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly #output: { stderr: string };
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(child: ChildProcess, endpoint: string, output: { stderr: string }) {
    this.child = child;
    this.endpoint = endpoint;
    this.#output = output;
    this.exited = exitOf(child);
  }

  get stderr(): string {
    return this.#output.stderr;
  }

  /** Resolves when the ready line came. */
  static async start(
    command: string,
    args: readonly string[],
    options: { cwd: string; env?: Record<string, string> },
  ): Promise<ServeProcess> {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // A test that timed out never disposes of it.
    const kill = (): boolean => child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    const output = { stderr: "" };
    child.stderr?.on("data", (piece: Buffer) => {
      output.stderr += piece.toString();
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const ready = /^brisk listening on (https?:\/\/\S+)$/.exec(line);
      if (ready) return new ServeProcess(child, ready[1] as string, output);
      child.kill("SIGKILL");
      throw new Error(`The first line is not the ready line: ${line}`);
    }
    await exitOf(child);
    throw new Error(`brisk serve ended with ${child.exitCode}: ${output.stderr}`);
  }

  /** Resolves when stderr holds the text. */
  async untilSaid(text: string): Promise<void> {
    while (!this.#output.stderr.includes(text)) {
      await once(this.child.stderr as NodeJS.ReadableStream, "data");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.exited;
  }
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return { code: child.exitCode, signal: child.signalCode };
}
