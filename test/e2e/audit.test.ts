import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Sha256 } from "../../src/model/sha256.ts";
import { runCli } from "../unit/cli/run-cli.ts";
import { startServer, type TestServer } from "./server.ts";

/** What the audit log of a server with signatures says of calls by the SDK, the commands and strangers. */
interface Line {
  readonly [member: string]: unknown;
  readonly eventName: string;
  readonly requestParameters: Record<string, unknown>;
  readonly responseElements: Record<string, unknown>;
  readonly userIdentity: Record<string, unknown>;
}

let server: TestServer;
let client: LambdaClient;
const secret = "not-for-the-log-4711";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:audited";

beforeAll(async () => {
  server = await startServer({ auth: "sigv4" });
  client = new LambdaClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: server.runtime.newRootKey!,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client?.destroy();
  await server?.close();
});

const cli = (argv: string[], key = server.runtime.newRootKey!) =>
  runCli(argv, {
    env: {
      BRISK_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
  });

async function audit(...argv: string[]): Promise<Line[]> {
  const { exitCode, stdout, stderr } = await cli(["audit", "--json", ...argv]);
  expect(exitCode, stderr).toBe(0);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

test("calls of the SDK have a record each, with who, what, from where and what came of it", async () => {
  await client.send(
    new CreateFunctionCommand({
      FunctionName: "audited",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/any",
      Handler: "index.handler",
      Environment: { Variables: { SECRET: secret } },
      Code: { ZipFile: zipSync({ "index.mjs": Buffer.from("export const handler = (event) => event;\n") }) },
      Tags: { Team: "blue" },
    }),
  );
  await vi.waitFor(
    async () => {
      const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: "audited" }));
      expect(Configuration?.State).toBe("Active");
    },
    { timeout: 30_000 },
  );
  await client.send(
    new AddPermissionCommand({
      FunctionName: functionArn,
      StatementId: "alexa",
      Action: "lambda:InvokeFunction",
      Principal: "alexa-appkit.amazon.com",
      EventSourceToken: secret,
    }),
  );
  const refused = client.send(new DeleteFunctionCommand({ FunctionName: "missing" }));
  await expect(refused).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  const large = { LARGE: secret.repeat(400) };
  const tooLarge = client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: "audited", Environment: { Variables: large } }),
  );
  await expect(tooLarge).rejects.toMatchObject({ name: "InvalidParameterValueException" });

  const lines = await audit();
  const of = (name: string) => lines.filter((line) => line.eventName === name);
  const root = server.runtime.newRootKey?.accessKeyId;
  expect(of("CreateFunction20150331")).toEqual([
    expect.objectContaining({
      userIdentity: {
        type: "Root",
        principalId: "000000000000",
        arn: "arn:aws:iam::000000000000:root",
        accountId: "000000000000",
        accessKeyId: root,
      },
      eventSource: "lambda.amazonaws.com",
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: expect.stringContaining("aws-sdk-js/"),
      readOnly: false,
      managementEvent: true,
      eventCategory: "Management",
      resources: [{ accountId: "000000000000", type: "AWS::Lambda::Function", ARN: functionArn }],
    }),
  ]);
  const [created] = of("CreateFunction20150331");
  expect(created?.requestParameters).toMatchObject({
    functionName: "audited",
    handler: "index.handler",
    environment: {},
    code: {},
    tags: { Team: "blue" },
  });
  expect(created?.responseElements).toMatchObject({ functionArn, environment: {}, version: "$LATEST" });
  expect(of("GetFunction20150331v2")[0]).toMatchObject({
    readOnly: true,
    requestParameters: { functionName: "audited" },
    responseElements: null,
  });
  expect(of("AddPermission20150331v2")).toMatchObject([
    {
      requestParameters: { statementId: "alexa", eventSourceToken: "HIDDEN_DUE_TO_SECURITY_REASONS" },
      resources: [{ ARN: functionArn }],
    },
  ]);
  expect(of("DeleteFunction20150331")).toMatchObject([
    {
      errorCode: "ResourceNotFoundException",
      errorMessage: expect.stringContaining("missing"),
      responseElements: null,
    },
  ]);
  expect(of("UpdateFunctionConfiguration20150331v2")).toMatchObject([
    { errorCode: "InvalidParameterValueException", errorMessage: expect.stringContaining("4KB limit") },
  ]);
  // Reading the log is a call, too.
  expect((await audit()).at(-1)).toMatchObject({ eventSource: "brisk.internal", eventName: "GetAudit" });
});

test("what is not signed, wrongly signed, from a page or not allowed has its record", async () => {
  await fetch(`${server.url}/2015-03-31/functions/audited`, {
    method: "DELETE",
    headers: { "user-agent": `evil\u00a0"}` },
  });
  await fetch(`${server.url}/2015-03-31/functions/`, { headers: { origin: "https://evil.example" } });
  const stranger = { accessKeyId: "AKIASTRANGERSTRANGER", secretAccessKey: secret };
  expect((await cli(["ls"], stranger)).exitCode).toBe(1);
  await fetch(`${server.url}/2015-03-31/functions/audited/invocations`, { method: "POST" });
  const lines = await audit("--errors", "--user", "anonymous");
  expect(lines).toMatchObject([
    {
      eventName: "DeleteFunction20150331",
      errorCode: "MissingAuthenticationTokenException",
      userAgent: 'evil\u00a0"}',
      requestParameters: { functionName: "audited" },
      userIdentity: { accountId: "ANONYMOUS_PRINCIPAL" },
    },
    {
      eventName: "ListFunctions20150331",
      errorCode: "AccessDenied",
      errorMessage: expect.stringContaining("web pages"),
    },
    {
      eventName: "ListFunctions20150331",
      errorCode: "UnrecognizedClientException",
      additionalEventData: { claimedAccessKeyId: "AKIASTRANGERSTRANGER" },
    },
    { eventName: "Invoke", errorCode: "MissingAuthenticationTokenException", managementEvent: false },
  ]);
  expect(await audit("--user", "AKIASTRANGERSTRANGER")).toHaveLength(1);
});

test("Brisk's own requests have records without what is secret, and reading needs the right to", async () => {
  const created = await cli(["key", "create", "--user", "ci", "--json"]);
  const key = JSON.parse(created.stdout);
  expect(await cli(["audit"], key)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^error: cannot read the audit log: .*not authorized to perform: brisk:GetAudit/,
    ),
  });
  const [made] = await audit("--event", "CreateKey");
  expect(made).toMatchObject({
    eventSource: "brisk.internal",
    requestParameters: { user: "ci" },
    responseElements: { accessKeyId: key.accessKeyId, userArn: key.userArn },
  });
  expect(await audit("--user", "ci")).toMatchObject([
    {
      eventName: "GetAudit",
      errorCode: "AccessDenied",
      userIdentity: { type: "IAMUser", userName: "ci", arn: key.userArn, accessKeyId: key.accessKeyId },
    },
  ]);
  const { accessKeyId } = key;
  expect((await cli(["key", "delete", accessKeyId])).exitCode).toBe(0);
  expect(await audit("--event", "delete-key")).toHaveLength(1);
  const text = JSON.stringify(await audit("--limit", "1000"));
  expect(text).not.toContain(key.secretAccessKey);
  expect(text).not.toContain(secret);
});

test("invocations have none, as long as nobody asks for data events", async () => {
  await client.send(new InvokeCommand({ FunctionName: "audited", Payload: `"${secret}"` }));
  expect(await audit("--event", "Invoke", "--user", "root")).toEqual([]);
});

test("a link to code has a record without what signs it", async () => {
  const { Code } = await client.send(new GetFunctionCommand({ FunctionName: "audited" }));
  expect((await fetch(Code?.Location ?? "")).status).toBe(200);
  const [line] = await audit("--event", "GetCode");
  expect(line?.requestParameters).toEqual({ codeSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(JSON.stringify(await audit())).not.toMatch(/signature=/);
});

test("a presigned request has a record without what signs it", async () => {
  const signer = new SignatureV4({
    service: "lambda",
    region: "us-east-1",
    credentials: server.runtime.newRootKey!,
    sha256: Sha256,
  });
  const signed = await signer.presign({
    method: "GET",
    protocol: "http:",
    hostname: "127.0.0.1",
    path: "/_brisk/keys",
    query: { marker: "presigned" },
    headers: { host: new URL(server.url).host },
  });
  const query = new URLSearchParams(signed.query as Record<string, string>);
  expect((await fetch(`${server.url}/_brisk/keys?${query}`)).status).toBe(200);
  const line = (await audit("--event", "ListKeys")).at(-1);
  expect(line?.requestParameters).toEqual({ path: "/_brisk/keys", marker: "presigned" });
});

test("the table is for people, and mistakes are said", async () => {
  const { stdout } = await cli(["audit", "--event", "CreateFunction"]);
  expect(stdout).toMatch(/^TIME +WHO +FROM +EVENT +ON +RESULT\n/);
  expect(stdout).toMatch(
    /\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +root +127\.0\.0\.1 +CreateFunction +audited +ok\n$/,
  );
  const none = await cli(["audit", "--user", "nobody"]);
  expect(none).toEqual({
    exitCode: 0,
    stdout: "",
    stderr: "No call matches; leave out a filter to see more.\n",
  });
  expect(await cli(["audit", "--since", "yesterday"])).toMatchObject({ exitCode: 2 });
  expect((await cli(["audit", "--event", "CreateFunctoin"])).stderr).toBe(
    "error: cannot read the audit log: No operation is called CreateFunctoin (did you mean CreateFunction?)\n",
  );
  expect(await cli(["audit", "--event", "a b"])).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: 'error: --event "a b" is no operation; one looks like CreateFunction\n',
  });
});

test("the log is in the data folder for its owner only, and /_health tells of it", async () => {
  const folder = join(server.dataDir, "audit");
  const [name = ""] = await readdir(folder);
  expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  const text = await readFile(join(folder, name), "utf8");
  for (const line of text.trimEnd().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ eventVersion: "1.08" });
  const health = await (await fetch(`${server.url}/_health`)).json();
  expect(health).toMatchObject({ audit: { lost: 0, suppressed: 0 } });
});
