import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import { runCli } from "../unit/cli/run-cli.ts";
import { startServer, type TestServer } from "./server.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const account = "000000000000";
export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
export const allow = (Action: string | readonly string[], Resource = "*") => ({
  Effect: "Allow",
  Action,
  Resource,
});

/** A server with access keys, a root's to begin with, and what a person in front of it has. */
export class SignedServer implements AsyncDisposable {
  readonly server: TestServer;
  readonly root: Credentials;
  /** Where commands run. */
  readonly scratch: string;
  readonly #clients: LambdaClient[] = [];

  private constructor(server: TestServer, root: Credentials, scratch: string) {
    this.server = server;
    this.root = root;
    this.scratch = scratch;
  }

  static async start(): Promise<SignedServer> {
    const scratch = await mkdtemp(join(tmpdir(), "brisk-policies-"));
    const server = await startServer({ auth: "sigv4" });
    if (server.runtime.newRootKey === undefined) throw new Error("The first start made no root key");
    return new SignedServer(server, server.runtime.newRootKey, scratch);
  }

  lambda({ accessKeyId, secretAccessKey }: Credentials = this.root): LambdaClient {
    const client = new LambdaClient({
      endpoint: this.server.url,
      region: "us-east-1",
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    });
    this.#clients.push(client);
    return client;
  }

  cli(argv: readonly string[], credentials = this.root) {
    return runCli(argv, {
      env: {
        BRISK_ENDPOINT_URL: this.server.url,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
      cwd: this.scratch,
    });
  }

  /** A policy document as a file for commands. */
  async policyFile(name: string, ...statements: readonly object[]): Promise<string> {
    const text = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await writeFile(join(this.scratch, `${name}.json`), text);
    return `./${name}.json`;
  }

  async newUser(name: string, ...policies: readonly string[]): Promise<Credentials> {
    const argv = ["key", "create", "--user", name, "--json", ...policies.flatMap((one) => ["--policy", one])];
    const made = await this.cli(argv);
    expect(made.exitCode, made.stderr).toBe(0);
    return JSON.parse(made.stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server.close();
    await rm(this.scratch, { recursive: true, force: true });
  }
}
