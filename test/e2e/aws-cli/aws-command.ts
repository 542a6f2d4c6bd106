import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What `aws --version` says; undefined where there is no AWS CLI. */
export async function awsVersion(): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run("aws", ["--version"]);
    return (stdout + stderr).trim();
  } catch {
    return undefined;
  }
}

/** The AWS CLI as it is, pointed at a server, and at nothing of the machine's own configuration. */
export class AwsCommand {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /**
   * @returns What it printed, as JSON; an empty structure when it printed nothing.
   * @throws {Error} With its stderr, when it fails.
   */
  async lambda(...args: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(
      "aws",
      ["--endpoint-url", this.#endpoint, "--output", "json", "lambda", ...args],
      {
        maxBuffer: 16 * 1024 * 1024,
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
      },
    );
    return stdout.trim() === "" ? {} : JSON.parse(stdout);
  }
}

/** `CreateFunction` is `create-function`. */
export function commandName(operation: string): string {
  return operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
