import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An interpreter that has the AWS CLI among its packages; undefined where there is none. */
export async function awsPython(): Promise<string | undefined> {
  for (const python of ["python3", await interpreterOfAws()]) {
    try {
      if (python !== undefined) await run(python, ["-c", "import awscli.clidriver"]);
      if (python !== undefined) return python;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** What `aws` names in its first line, where it is a script. */
async function interpreterOfAws(): Promise<string | undefined> {
  try {
    const { stdout } = await run("/bin/sh", ["-c", "command -v aws"]);
    return /^#!(\S*python\S*)/.exec(await readFile(stdout.trim(), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The AWS CLI as it is, pointed at a server, and at nothing of the machine's own configuration. One process for all
 * commands: to start Python and to load the CLI takes a second each time.
 */
export class AwsCommand implements AsyncDisposable {
  readonly #endpoint: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: ((line: string | undefined) => void)[] = [];

  private constructor(python: string, endpoint: string) {
    this.#endpoint = endpoint;
    this.#child = spawn(python, [join(import.meta.dirname, "aws-driver.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: "any",
        AWS_SECRET_ACCESS_KEY: "any",
        AWS_REGION: "us-east-1",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_PAGER: "",
      },
    });
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#lines.on("line", (line) => this.#waiting.shift()?.(line));
    this.#lines.on("close", () => {
      for (const settle of this.#waiting.splice(0)) settle(undefined);
    });
  }

  static async start(python: string, endpoint: string): Promise<AwsCommand> {
    const aws = new AwsCommand(python, endpoint);
    // It says when it is there.
    await aws.#answer();
    return aws;
  }

  /**
   * @returns What it printed, as JSON; an empty structure when it printed nothing.
   * @throws {Error} With its stderr, when it fails.
   */
  async lambda(...args: readonly string[]): Promise<Record<string, unknown>> {
    const argv = ["--endpoint-url", this.#endpoint, "--output", "json", "lambda", ...args];
    this.#child.stdin!.write(`${JSON.stringify(argv)}\n`);
    const { status, stdout, stderr } = await this.#answer();
    if (status !== 0) throw new Error(`aws lambda ${args.join(" ")} ended with ${status}: ${stderr}`);
    return stdout.trim() === "" ? {} : JSON.parse(stdout);
  }

  async #answer(): Promise<Answer> {
    const line = await new Promise<string | undefined>((resolve) => this.#waiting.push(resolve));
    if (line === undefined) throw new Error("The AWS CLI's process ended without an answer");
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lines.close();
    this.#child.kill();
  }
}

/** `CreateFunction` is `create-function`. */
export function commandName(operation: string): string {
  return operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
