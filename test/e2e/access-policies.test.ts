import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GuestCredentials } from "../../src/access/guest-credentials.ts";
import { Sha256 } from "../../src/model/sha256.ts";
import { runCli } from "../unit/cli/run-cli.ts";
import { withDependencies } from "./example-folder.ts";
import { requestUrl, startServer, type TestServer } from "./server.ts";

// One server with keys, and functions with and without a role of its own.

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const account = "000000000000";
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

let server: TestServer;
let scratch: string;
let root: Credentials;
const clients: LambdaClient[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "brisk-policies-"));
  server = await startServer({ auth: "sigv4" });
  if (server.runtime.newRootKey === undefined) throw new Error("The first start made no root key");
  root = server.runtime.newRootKey;
  const echo = "export const handler = async (event) => event;";
  await server.deploy({ name: "orders", files: { "index.mjs": echo }, url: false });
  await server.deploy({ name: "secrets", files: { "index.mjs": echo }, url: false });
}, 120_000);

afterAll(async () => {
  for (const client of clients) client.destroy();
  await server?.close();
  await rm(scratch, { recursive: true, force: true });
});

function lambda(credentials: Credentials): LambdaClient {
  const { accessKeyId, secretAccessKey } = credentials;
  const client = new LambdaClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

function cli(argv: readonly string[], credentials = root) {
  return runCli(argv, {
    env: {
      BRISK_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    cwd: scratch,
  });
}

/** A policy document as a file of the scratch folder. */
async function policyFile(name: string, ...statements: readonly object[]): Promise<string> {
  const text = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  await writeFile(join(scratch, `${name}.json`), text);
  return `./${name}.json`;
}

async function newUser(name: string, ...policies: readonly string[]): Promise<Credentials> {
  const argv = ["key", "create", "--user", name, "--json", ...policies.flatMap((one) => ["--policy", one])];
  const made = await cli(argv);
  expect(made.exitCode, made.stderr).toBe(0);
  return JSON.parse(made.stdout);
}

/** What became of a request: `allowed`, or AWS's message. */
async function answerTo(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return "allowed";
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (name !== "AccessDeniedException") throw error;
    expect($metadata?.httpStatusCode).toBe(403);
    return message;
  }
}

const allow = (Action: string | readonly string[], Resource = "*") => ({ Effect: "Allow", Action, Resource });
const refusal = (who: string, action: string, resource: string) =>
  `User: arn:aws:iam::${account}:user/${who} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

test("a user without policies may do nothing, whether or not it is there", async () => {
  const client = lambda(await newUser("nobody"));
  const invoke = (FunctionName: string) => answerTo(client.send(new InvokeCommand({ FunctionName })));
  expect(await invoke("orders")).toBe(refusal("nobody", "lambda:InvokeFunction", functionArn("orders")));
  expect(await invoke("nowhere")).toBe(refusal("nobody", "lambda:InvokeFunction", functionArn("nowhere")));
  expect(await invoke("orders:live")).toContain(`on resource: ${functionArn("orders:live")} because`);
  expect(await answerTo(client.send(new ListFunctionsCommand({})))).toBe(
    refusal("nobody", "lambda:ListFunctions", "*"),
  );
  expect(await answerTo(client.send(new GetFunctionCommand({ FunctionName: "nowhere" })))).toBe(
    refusal("nobody", "lambda:GetFunction", functionArn("nowhere")),
  );
});

test("Brisk's own requests are authorized, too, each by an action of its own", async () => {
  const nobody = await newUser("watcher");
  const denied = async (argv: readonly string[]) => {
    const { exitCode, stderr } = await cli(argv, nobody);
    expect(exitCode).toBe(1);
    return /not authorized to perform: (\S+) on resource: (\S+)/.exec(stderr)?.slice(1);
  };
  expect(await denied(["key", "list"])).toEqual(["brisk:ListKeys", "*"]);
  expect(await denied(["key", "create"])).toEqual(["brisk:CreateKey", `arn:aws:iam::${account}:root`]);
  expect(await denied(["key", "policy", "watcher"])).toEqual([
    "brisk:GetUserPolicies",
    `arn:aws:iam::${account}:user/watcher`,
  ]);
  expect(await denied(["key", "policy", "watcher", "--add", "AdministratorAccess"])).toEqual([
    "brisk:PutUserPolicy",
    `arn:aws:iam::${account}:user/watcher`,
  ]);
  expect(await denied(["key", "delete", root.accessKeyId])).toEqual(["brisk:DeleteKey", "*"]);
  expect(await denied(["role", "list"])).toEqual(["brisk:ListRoles", "*"]);
  expect(await denied(["role", "create", "r"])).toEqual(["brisk:CreateRole", roleArn("r")]);
  expect(await denied(["role", "put-policy", "r", "AWSLambdaRole"])).toEqual([
    "brisk:PutRolePolicy",
    roleArn("r"),
  ]);
  expect(await denied(["role", "delete-policy", "r", "x"])).toEqual(["brisk:DeleteRolePolicy", roleArn("r")]);
  expect(await denied(["role", "delete", "r"])).toEqual(["brisk:DeleteRole", roleArn("r")]);
  expect(await denied(["logs", "orders"])).toEqual(["brisk:GetLogs", functionArn("orders")]);
  await cli(["key", "policy", "watcher", "--add", await policyFile("watch", allow("brisk:GetLogs"))]);
  expect((await cli(["logs", "orders"], nobody)).exitCode).toBe(0);
});

test("policies hold from the next request on, and what they say about resources and denials counts", async () => {
  const file = await policyFile(
    "orders-only",
    allow(["lambda:InvokeFunction", "lambda:Get*"], functionArn("*")),
    { Effect: "Deny", Action: "*", Resource: functionArn("secrets*") },
  );
  const client = lambda(await newUser("app"));
  const invoke = (FunctionName: string) => answerTo(client.send(new InvokeCommand({ FunctionName })));
  expect(await invoke("orders")).not.toBe("allowed");
  expect((await cli(["key", "policy", "app", "--add", file])).stdout).toContain("orders-only {");
  expect(await invoke("orders")).toBe("allowed");
  expect(await invoke("secrets")).toBe(
    `User: arn:aws:iam::${account}:user/app is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn("secrets")} with an explicit deny in an identity-based policy`,
  );
  expect(await answerTo(client.send(new PublishVersionCommand({ FunctionName: "orders" })))).toBe(
    refusal("app", "lambda:PublishVersion", functionArn("orders")),
  );
  await cli(["key", "policy", "app", "--remove", "orders-only"]);
  expect(await invoke("orders")).not.toBe("allowed");
});

test("a function's own policy lets in whom it names", async () => {
  const guest = await newUser("guest");
  const invoke = () => answerTo(lambda(guest).send(new InvokeCommand({ FunctionName: "orders" })));
  const owner = lambda(root);
  const permission = { FunctionName: "orders", StatementId: "guest", Action: "lambda:InvokeFunction" };
  await owner.send(new AddPermissionCommand({ ...permission, Principal: account }));
  // The whole account: that leaves it to the user's own policies.
  expect(await invoke()).not.toBe("allowed");
  await owner.send(new RemovePermissionCommand({ FunctionName: "orders", StatementId: "guest" }));
  const Principal = `arn:aws:iam::${account}:user/guest`;
  await owner.send(new AddPermissionCommand({ ...permission, Principal }));
  expect(await invoke()).toBe("allowed");
  await owner.send(new RemovePermissionCommand({ FunctionName: "orders", StatementId: "guest" }));
});

test("a role is given to a function by whoever may pass it on", async () => {
  const creator = await newUser("creator", await policyFile("create", allow("lambda:*")));
  const create = () =>
    lambda(creator).send(
      new CreateFunctionCommand({
        FunctionName: "passed",
        Role: roleArn("strong"),
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: Buffer.from("PK") },
      }),
    );
  expect(await answerTo(create())).toBe(refusal("creator", "iam:PassRole", roleArn("strong")));
  const update = new UpdateFunctionConfigurationCommand({ FunctionName: "orders", Role: roleArn("strong") });
  expect(await answerTo(lambda(creator).send(update))).toBe(
    refusal("creator", "iam:PassRole", roleArn("strong")),
  );
  await cli(["key", "policy", "creator", "--add", "AWSLambda_FullAccess"]);
  await expect(create()).rejects.toMatchObject({ name: "InvalidParameterValueException" });
});

test("an AWS_IAM URL wants both of its actions, from either side", async () => {
  const code = "export const handler = async (event) => event.requestContext.authorizer.iam.userArn;";
  await server.deploy({ name: "signed-url", files: { "index.mjs": code }, url: false });
  const { FunctionUrl = "" } = await lambda(root).send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "signed-url", AuthType: "AWS_IAM" }),
  );
  const { host } = new URL(FunctionUrl);
  const caller = await newUser("caller");
  const call = async () => {
    const signer = new SignatureV4({
      service: "lambda",
      region: "us-east-1",
      credentials: caller,
      sha256: Sha256,
    });
    const { headers } = await signer.sign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/",
      headers: { host },
    });
    return requestUrl(server.port, host, "/", { headers });
  };
  const closed = await call();
  expect(closed.status).toBe(403);
  expect(closed.headers["x-amzn-errortype"]).toBe("AccessDeniedException");
  expect(closed.text).toContain("Forbidden. For troubleshooting Function URL authorization issues");
  const grant = async (name: string, Action: string, Condition: object) =>
    cli([
      "key",
      "policy",
      "caller",
      "--add",
      await policyFile(name, { ...allow(Action, functionArn("signed-url")), Condition }),
    ]);
  await grant("url", "lambda:InvokeFunctionUrl", {
    StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" },
  });
  expect((await call()).status).toBe(403);
  await grant("invoke", "lambda:InvokeFunction", { Bool: { "lambda:InvokedViaFunctionUrl": "true" } });
  const open = await call();
  expect([open.status, open.text]).toEqual([200, `arn:aws:iam::${account}:user/caller`]);
  // What is granted for the URL is not granted for Invoke.
  expect(await answerTo(lambda(caller).send(new InvokeCommand({ FunctionName: "signed-url" })))).not.toBe(
    "allowed",
  );
});

test("a function calls this server as its role with the AWS SDK, and may do what the role may, no more", async () => {
  const path = await mkdtemp(join(scratch, "caller-"));
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
  const made = await cli([
    "role",
    "create",
    "worker",
    "--policy",
    await policyFile("invoke-orders", allow("lambda:InvokeFunction", functionArn("orders"))),
  ]);
  expect(made.stdout.trim()).toBe(roleArn("worker"));
  await server.deploy({ name: "caller", path, url: false, memorySizeMb: 512, timeoutSeconds: 30 });
  const owner = lambda(root);
  await owner.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: "caller", Role: roleArn("worker") }),
  );
  const run = async (event: object) => server.runtime.invoke("caller", event);
  await expect
    .poll(() => run({ variables: ["AWS_ENDPOINT_URL_LAMBDA"] }))
    .toEqual(["http://lambda.brisk.internal"]);

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
  expect(await run({ url: `${server.url}/_health` })).toBe("EGRESS_DENIED");

  await cli(["role", "put-policy", "worker", "AWSLambdaRole"]);
  expect(await run({ call: "secrets" })).toBe('{"from":"caller"}');
  await cli(["role", "delete", "worker"]);
  expect(await run({ call: "orders" })).toBe(
    "UnrecognizedClientException: The security token included in the request is invalid.",
  );
  // A successor of the same name is another role.
  await cli(["role", "create", "worker", "--policy", "AWSLambdaRole"]);
  expect(await run({ call: "orders" })).toContain("UnrecognizedClientException");
}, 60_000);

test("credentials are new in each environment, after a restore, and with the event that comes after their time", async () => {
  await cli(["role", "create", "short", "--policy", "AWSLambdaRole"]);
  const code = `const atInit = process.env.AWS_ACCESS_KEY_ID;
    export const handler = async () => [atInit, process.env.AWS_ACCESS_KEY_ID];`;
  await server.deploy({ name: "renewed", files: { "index.mjs": code }, url: false });
  const owner = lambda(root);
  const settle = async (change: Promise<unknown>, Qualifier?: string) => {
    await change;
    await waitUntilFunctionActiveV2(
      { client: owner, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.1 },
      { FunctionName: "renewed", ...(Qualifier && { Qualifier }) },
    );
  };
  await settle(
    owner.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "renewed",
        Role: roleArn("short"),
        SnapStart: { ApplyOn: "PublishedVersions" },
      }),
    ),
  );
  const run = async (Qualifier = "$LATEST"): Promise<(string | undefined)[]> => {
    const { Payload = [] } = await owner.send(new InvokeCommand({ FunctionName: "renewed", Qualifier }));
    return JSON.parse(Buffer.from(Payload).toString());
  };
  await expect.poll(() => run()).toEqual([expect.stringMatching(/^ASIA/), expect.any(String)]);
  const [atInit, first] = await run();
  expect(first).toBe(atInit);

  await settle(owner.send(new PublishVersionCommand({ FunctionName: "renewed" })), "1");
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
    await settle(owner.send(new UpdateFunctionConfigurationCommand({ FunctionName: "renewed", Timeout: 9 })));
    await expect.poll(async () => (await run())[0]).not.toBe(atInit);
    const [begun, second] = await run();
    const [same, third] = await run();
    expect(same).toBe(begun);
    expect(new Set([begun, second, third]).size).toBe(3);
  } finally {
    hurried.mockRestore();
  }
}, 60_000);

test("a role that is not here is taken as before, and gives nothing", async () => {
  const fn = await server.deploy({
    name: "roleless",
    files: {
      "index.mjs":
        "export const handler = async () => Object.keys(process.env).filter((name) => /KEY|TOKEN|ENDPOINT/.test(name));",
    },
    url: false,
  });
  expect(await server.runtime.invoke(fn.name, {})).toEqual([]);
});

test("a bad policy is refused with its statement and element, and leaves nothing behind", async () => {
  const file = await policyFile("bad", allow("lambda:GetFunction"), {
    Effect: "Allow",
    Action: "nonsense",
    Resource: "*",
  });
  const created = await cli(["key", "create", "--user", "bad", "--policy", file]);
  expect(created.exitCode).toBe(1);
  expect(created.stderr).toContain('Statement 2, Action: "nonsense" is no action');
  expect((await cli(["role", "create", "bad", "--policy", "NoSuchPolicy"])).stderr).toContain(
    'There is no managed policy "NoSuchPolicy": there are AdministratorAccess, ',
  );
  expect((await cli(["key", "list"])).stdout).not.toContain("user/bad");
  expect((await cli(["role", "list"])).stdout).not.toContain("role/bad");
});

test("roles outlive a restart, in a file that is its owner's alone", async () => {
  const first = await startServer({ auth: "sigv4", dataDir: `${server.dataDir}-roles` });
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
