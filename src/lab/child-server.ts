import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface ChildServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A line of stdout that says that the server is ready; its first group is kept as `ready`. */
  readonly readyLine: RegExp;
  readonly readyWithinMs?: number;
}

/** A server under test in a process of its own. Disposing it ends the process and waits for its exit. */
export class ChildServer implements AsyncDisposable {
  readonly pid: number;
  /** The first group of the line that said that it is ready. */
  readonly ready: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number, ready: string) {
    this.#child = child;
    this.pid = pid;
    this.ready = ready;
  }

  static async start(options: ChildServerOptions): Promise<ChildServer> {
    const { command, args, readyLine, readyWithinMs = 120_000 } = options;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const ready = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => {
        child.kill("SIGKILL");
        reject(new Error(`Cannot start ${command} ${args.join(" ")}: ${why}\n${output.slice(-4000)}`));
      };
      const timer = setTimeout(fail, readyWithinMs, `not ready within ${readyWithinMs} ms`);
      child.once("error", (error) => fail(error.message));
      child.once("exit", (code, signal) => fail(`it exited with ${code ?? signal}`));
      const look = (chunk: Buffer) => {
        output = (output + chunk).slice(-64 * 1024);
        const match = readyLine.exec(output);
        if (match === null) return;
        clearTimeout(timer);
        resolve(match[1] ?? match[0]);
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
    });
    child.removeAllListeners("exit");
    return new ChildServer(child, child.pid as number, ready);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const impatience = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await exited;
    clearTimeout(impatience);
  }
}
