import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  InvokeCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GuestCredentials } from "../../src/access/guest-credentials.ts";
import { runCli } from "../unit/cli/run-cli.ts";
import { withDependencies } from "./example-folder.ts";
import { startServer } from "./server.ts";
import { account, allow, functionArn, roleArn, SignedServer } from "./signed-server.ts";

// Functions that call the server they run on, as their role.

let signed: SignedServer;
beforeAll(async () => {
  signed = await SignedServer.start();
  const echo = "export const handler = async (event) => event;";
  await signed.server.deploy({ name: "orders", files: { "index.mjs": echo }, url: false });
  await signed.server.deploy({ name: "secrets", files: { "index.mjs": echo }, url: false });
}, 120_000);
afterAll(() => signed?.[Symbol.asyncDispose]());

const waiting = { maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.1 };

/** Changes a function, and waits until that serves. */
async function configure(FunctionName: string, change: object): Promise<void> {
  const client = signed.lambda();
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
  await waitUntilFunctionUpdatedV2({ client, ...waiting }, { FunctionName });
}

test("a function calls this server as its role with the AWS SDK, and may do what the role may, no more", async () => {
  const path = await mkdtemp(join(signed.scratch, "caller-"));
  await writeFile(
    join(path, "package.json"),
    JSON.stringify({ dependencies: { "@aws-sdk/client-lambda": "*" } }),
  );
  await withDependencies(path);
  await writeFile(
    join(path, "index.mjs"),
    `import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
    const client = new LambdaClient({ maxAttempts: 1 });
    export const handler = async ({ call, variables, url }) => {
      if (variables) return variables.map((name) => process.env[name]);
      if (url) return fetch(url).then((answer) => answer.text(), (error) => String(error.cause?.code ?? error));
      try {
        const { Payload } = await client.send(new InvokeCommand({ FunctionName: call, Payload: '{"from":"caller"}' }));
        return Buffer.from(Payload).toString();
      } catch (error) {
        return error.name + ": " + error.message;
      }
    };`,
  );
  const made = await signed.cli([
    "role",
    "create",
    "worker",
    "--policy",
    await signed.policyFile("invoke-orders", allow("lambda:InvokeFunction", functionArn("orders"))),
  ]);
  expect(made.stdout.trim()).toBe(roleArn("worker"));
  await signed.server.deploy({ name: "caller", path, url: false, memorySizeMb: 512, timeoutSeconds: 30 });
  await configure("caller", { Role: roleArn("worker") });
  const run = async (event: object) => signed.server.runtime.invoke("caller", event);

  expect(await run({ variables: ["AWS_ENDPOINT_URL_LAMBDA"] })).toEqual(["http://lambda.brisk.internal"]);
  expect(await run({ call: "orders" })).toBe('{"from":"caller"}');
  expect(await run({ call: "secrets" })).toBe(
    `AccessDeniedException: User: arn:aws:sts::${account}:assumed-role/worker/caller is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn("secrets")} because no identity-based policy allows the lambda:InvokeFunction action`,
  );
  const [id, secret, token, expiration] = (await run({
    variables: [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_CREDENTIAL_EXPIRATION",
    ],
  })) as string[];
  expect(id).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(secret).toHaveLength(40);
  expect(token?.length).toBeGreaterThan(100);
  const leftMs = Date.parse(expiration ?? "") - Date.now();
  expect(leftMs).toBeGreaterThan(55 * 60_000);
  expect(leftMs).toBeLessThanOrEqual(60 * 60_000);

  // Without its signature a function is a stranger, and the server's port is no public address.
  expect(await run({ url: "http://lambda.brisk.internal/2015-03-31/functions" })).toContain(
    "Missing Authentication Token",
  );
  expect(await run({ url: "http://lambda.brisk.internal/_health" })).toContain(
    "Missing Authentication Token",
  );
  expect(await run({ url: `${signed.server.url}/_health` })).toBe("EGRESS_DENIED");

  await signed.cli(["role", "put-policy", "worker", "AWSLambdaRole"]);
  expect(await run({ call: "secrets" })).toBe('{"from":"caller"}');
  await signed.cli(["role", "delete", "worker"]);
  expect(await run({ call: "orders" })).toBe(
    "UnrecognizedClientException: The security token included in the request is invalid.",
  );
  // A successor of the same name is another role.
  await signed.cli(["role", "create", "worker", "--policy", "AWSLambdaRole"]);
  expect(await run({ call: "orders" })).toContain("UnrecognizedClientException");
}, 120_000);

test("credentials are new in each environment, after a restore, and with the event that comes after their time", async () => {
  await signed.cli(["role", "create", "short", "--policy", "AWSLambdaRole"]);
  const code = `const atInit = process.env.AWS_ACCESS_KEY_ID;
    export const handler = async () => [atInit, process.env.AWS_ACCESS_KEY_ID];`;
  await signed.server.deploy({ name: "renewed", files: { "index.mjs": code }, url: false });
  const owner = signed.lambda();
  await configure("renewed", { Role: roleArn("short"), SnapStart: { ApplyOn: "PublishedVersions" } });
  const run = async (Qualifier = "$LATEST"): Promise<(string | undefined)[]> => {
    const { Payload = [] } = await owner.send(new InvokeCommand({ FunctionName: "renewed", Qualifier }));
    return JSON.parse(Buffer.from(Payload).toString());
  };
  const [atInit, first] = await run();
  expect(first).toMatch(/^ASIA/);
  expect(first).toBe(atInit);

  await owner.send(new PublishVersionCommand({ FunctionName: "renewed" }));
  await waitUntilPublishedVersionActive(
    { client: owner, ...waiting },
    { FunctionName: "renewed", Qualifier: "1" },
  );
  const [recorded, restored] = await run("1");
  expect(restored).toMatch(/^ASIA/);
  expect(restored).not.toBe(recorded);
  expect(restored).not.toBe(first);

  const { issue } = GuestCredentials.prototype;
  const hurried = vi.spyOn(GuestCredentials.prototype, "issue").mockImplementation(function (
    this: never,
    fn,
  ) {
    return { ...issue.call(this, fn), renewAfterMs: 0 };
  });
  try {
    await configure("renewed", { Timeout: 9 });
    const [begun, second] = await run();
    const [same, third] = await run();
    expect(same).toBe(begun);
    expect(new Set([begun, second, third]).size).toBe(3);
  } finally {
    hurried.mockRestore();
  }
}, 60_000);

test("a role that is not here is taken as before, and gives nothing", async () => {
  const fn = await signed.server.deploy({
    name: "roleless",
    files: {
      "index.mjs":
        "export const handler = async () => Object.keys(process.env).filter((name) => /KEY|TOKEN|ENDPOINT/.test(name));",
    },
    url: false,
  });
  expect(await signed.server.runtime.invoke(fn.name, {})).toEqual([]);
});

test("roles outlive a restart, in a file that is its owner's alone", async () => {
  const first = await startServer({ auth: "sigv4", dataDir: `${signed.server.dataDir}-roles` });
  const { dataDir, runtime } = first;
  try {
    const env = (url: string) => ({
      BRISK_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: runtime.newRootKey?.accessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: runtime.newRootKey?.secretAccessKey ?? "",
    });
    await runCli(["role", "create", "kept", "--policy", "AWSLambdaRole"], { env: env(first.url) });
    await first.close();
    {
      await using again = await startServer({ auth: "sigv4", dataDir });
      const { stdout } = await runCli(["role", "list"], { env: env(again.url) });
      expect(stdout).toContain(`${roleArn("kept")}`);
      expect(stdout).toContain("AWSLambdaRole");
    }
    await chmod(join(dataDir, "roles.json"), 0o644);
    await expect(startServer({ auth: "sigv4", dataDir })).rejects.toThrow("run chmod 600");
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("without access keys there are no roles either, and that is said", async () => {
  await using open = await startServer();
  const { exitCode, stderr } = await runCli(["role", "list"], { env: { BRISK_ENDPOINT_URL: open.url } });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("this server runs with auth none; start it with --auth sigv4");
});
