import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { findSecrets } from "./known-secrets.ts";
import { makeOlder } from "./older-data-folder.ts";
import { startServer, type TestServer } from "./server.ts";

/** A data folder that a Brisk without a master key left: it is sealed when it is opened, and works as before. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const variable = "hunter2-is-a-variable";
const codeText = "a-line-of-the-source-code";
const FunctionName = "hello";
const answer = `"${variable}${codeText.length}"`;

let dataDir: string;
let credentials: { accessKeyId: string; secretAccessKey: string };

beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  dataDir = await mkdtemp(join(tmpdir(), "brisk-older-"));
  await withServer(dataDir, async (client, server) => {
    credentials = server.runtime.newRootKey as typeof credentials;
    client = clientOf(server);
    const zip = zipSync(
      {
        "index.mjs": strToU8(`export const handler = async () => process.env.SECRET + "${codeText}".length;`),
      },
      { level: 0 },
    );
    await client.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: "nodejs22.x",
        Role: "arn:aws:iam::000000000000:role/hello",
        Handler: "index.handler",
        Code: { ZipFile: zip },
        Environment: { Variables: { SECRET: variable } },
      }),
    );
    await active(client);
    await client.send(new PublishVersionCommand({ FunctionName }));
    client.destroy();
  });
  await makeOlder(dataDir, codeText);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const clientOf = ({ url }: TestServer) =>
  new LambdaClient({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });

async function withServer(
  dir: string,
  use: (client: LambdaClient, server: TestServer) => Promise<void>,
): Promise<void> {
  await using server = await startServer({ dataDir: dir, auth: "sigv4", spareEnvironments: 0 });
  credentials ??= server.runtime.newRootKey as typeof credentials;
  const client = clientOf(server);
  await use(client, server);
  client.destroy();
}

async function active(client: LambdaClient, Qualifier = "$LATEST"): Promise<void> {
  await waitUntilFunctionActiveV2(
    { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 },
    { FunctionName, Qualifier },
  );
}

async function expectAnswers(client: LambdaClient): Promise<void> {
  for (const Qualifier of ["$LATEST", "1"]) {
    await active(client, Qualifier);
    const { Payload } = await client.send(new InvokeCommand({ FunctionName, Qualifier }));
    expect(Buffer.from(Payload ?? []).toString()).toBe(answer);
  }
}

test("functions, versions and access keys are there, and nothing of them is in the clear any more", async () => {
  const secrets = [variable, codeText];
  // What is looked for can be found: in the database, the code and the cache.
  expect((await findSecrets(dataDir, secrets)).length).toBeGreaterThan(2);
  const interrupted = await mkdtemp(join(tmpdir(), "brisk-older-"));
  await cp(dataDir, interrupted, { recursive: true });

  await withServer(dataDir, async (client) => {
    expect(await findSecrets(dataDir, [...secrets, credentials.secretAccessKey])).toEqual([]);
    await expectAnswers(client);
  });
  expect(await findSecrets(dataDir, secrets)).toEqual([]);
  const left = await readdir(dataDir);
  expect(left).toEqual(expect.arrayContaining(["installation-key.json", "master.key"]));
  expect(left).not.toContain("installation.key");

  // A start that ended after its first steps is gone on with: here all was sealed but the records, and the older key was there.
  for (const name of ["installation-key.json", "master.key", "access-keys.json", "blobs"]) {
    await cp(join(dataDir, name), join(interrupted, name), { recursive: true });
  }
  await withServer(interrupted, async (client) => {
    expect(await findSecrets(interrupted, secrets)).toEqual([]);
    await expectAnswers(client);
  });
  expect(await readdir(interrupted)).not.toContain("installation.key");
  await rm(interrupted, { recursive: true });
});

test("a folder with data, and with neither an older key nor one of now, is not opened", async () => {
  await rm(join(dataDir, "installation-key.json"));
  await expect(startServer({ dataDir })).rejects.toThrow("installation-key.json is missing");
  await writeFile(join(dataDir, "installation.key"), "too short");
  await expect(startServer({ dataDir })).rejects.toThrow(
    "it does not hold 32 bytes; put it back from a backup",
  );
});
