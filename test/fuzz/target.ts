import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { launcher, ServeProcess } from "../e2e/brisk-process.ts";
import { fixture } from "./samples.ts";

/** What is fuzzed. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  /** What it has said on stderr since it started: a server that meets a bug says so there. Empty for one that we didn't start. */
  said(): string;
  /** Whether it is still there. */
  isAlive(): Promise<boolean>;
}

/** A server of its own, in a process of its own and a folder of its own. */
export async function startTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), "brisk-fuzz-"));
  const serve = await ServeProcess.start(
    process.execPath,
    [launcher, "serve", "--port", "0", "--data", join(folder, "data")],
    { cwd: folder },
  );
  const dispose = async () => {
    await serve[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await prepare(serve.endpoint);
    const greeting = serve.stderr.length;
    return {
      url: serve.endpoint,
      said: () => serve.stderr.slice(greeting),
      isAlive: async () => serve.child.exitCode === null && (await isAlive(serve.endpoint)),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A server that runs already. It gets the functions that requests are about, and keeps them. */
export async function useTarget(url: string): Promise<Target> {
  await prepare(url);
  return { url, said: () => "", isAlive: () => isAlive(url), [Symbol.asyncDispose]: async () => {} };
}

async function isAlive(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/2015-03-31/functions/${fixture.functionName}`).catch(() => undefined);
  return answer?.status === 200;
}

async function prepare(endpoint: string): Promise<void> {
  const client = new LambdaClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
  });
  try {
    const FunctionName = fixture.functionName;
    const code = "export const handler = async (event) => event;";
    await client
      .send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: "nodejs22.x",
          Role: fixture.role,
          Handler: "index.handler",
          Code: { ZipFile: zipSync({ "index.mjs": Buffer.from(code) }) },
        }),
      )
      .catch(ignoreConflict);
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName });
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client
      .send(new CreateAliasCommand({ FunctionName, Name: fixture.alias, FunctionVersion: fixture.version }))
      .catch(ignoreConflict);
  } finally {
    client.destroy();
  }
}

/** It is there from an earlier run. */
function ignoreConflict(error: unknown): void {
  if ((error as Error).name !== "ResourceConflictException") throw error;
}
