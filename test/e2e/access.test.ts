import { chmod, readFile, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ListFunctionsCommand,
  TagResourceCommand,
} from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Sha256 } from "../../src/model/sha256.ts";
import { runCli } from "../unit/cli/run-cli.ts";
import { requestUrl, startServer, type TestServer } from "./server.ts";

/** The API and AWS_IAM URLs with auth sigv4, driven by the unmodified SDK. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let server: TestServer;
let root: Credentials;
const clients: LambdaClient[] = [];

beforeAll(async () => {
  server = await startServer({ auth: "sigv4" });
  expect(server.runtime.newRootKey).toBeDefined();
  root = server.runtime.newRootKey as Credentials;
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await server.close();
});

function lambda(credentials: Credentials = root, more: { systemClockOffset?: number; region?: string } = {}) {
  const client = new LambdaClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    ...more,
  });
  clients.push(client);
  return client;
}

async function refusal(client: LambdaClient): Promise<object> {
  return client.send(new ListFunctionsCommand()).then(
    () => ({ accepted: true }),
    ({ name, message, $metadata }) => ({ name, message, status: $metadata.httpStatusCode }),
  );
}

const signer = (credentials: Credentials = root) =>
  new SignatureV4({ service: "lambda", region: "us-east-1", credentials, sha256: Sha256 });

const cli = (argv: string[], credentials?: Credentials) =>
  runCli(argv, {
    env: {
      BRISK_ENDPOINT_URL: server.url,
      ...(credentials && {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      }),
    },
  });

const echo = "export const handler = async (event) => event;\n";

test("the SDK with a key creates, lists, reads, tags and invokes", async () => {
  const client = lambda();
  const random = crypto.getRandomValues(new Uint8Array(64 * 1024));
  // Larger than any limit of a body but that of code.
  const padding = Buffer.concat(Array.from({ length: 48 }, () => random));
  const zip = zipSync({ "index.mjs": Buffer.from(echo), "padding.bin": [padding, { level: 0 }] });
  const { FunctionArn } = await client.send(
    new CreateFunctionCommand({
      FunctionName: "signed",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/any",
      Handler: "index.handler",
      Code: { ZipFile: zip },
    }),
  );
  await client.send(new TagResourceCommand({ Resource: FunctionArn, Tags: { "a b": "ü/+" } }));
  await vi.waitFor(
    async () => {
      const found = await client.send(new GetFunctionCommand({ FunctionName: FunctionArn }));
      expect(found).toMatchObject({ Configuration: { State: "Active" }, Tags: { "a b": "ü/+" } });
      // The link is signed by itself, as S3's is.
      expect((await fetch(found.Code?.Location ?? "")).status).toBe(200);
    },
    { timeout: 30_000 },
  );
  const listed = await client.send(new ListFunctionsCommand({ MaxItems: 10 }));
  expect(listed.Functions).toMatchObject([{ FunctionName: "signed" }]);
  const payload = JSON.stringify({ text: "ü".repeat(100_000) });
  const invoked = await client.send(new InvokeCommand({ FunctionName: "signed", Payload: payload }));
  expect(Buffer.from(invoked.Payload ?? []).toString()).toBe(payload);
  const streamed = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: "signed", Payload: '{"a":1}' }),
  );
  let answer = "";
  for await (const event of streamed.EventStream ?? []) {
    answer += Buffer.from(event.PayloadChunk?.Payload ?? []).toString();
  }
  expect(answer).toBe('{"a":1}');
});

test("the laboratory signs its calls with the same key", async () => {
  const args = ["--memory", "128", "--runs", "1", "--no-html", "--json", "-"];
  const tuned = await cli(["tune", "signed", ...args], root);
  expect(tuned).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(tuned.stdout)).toMatchObject({ points: [{ memorySizeMb: 128, failures: [] }] });
  const refused = await cli(["tune", "signed", ...args]);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain("AWS_ACCESS_KEY_ID");
});

test("wrong keys, clocks and regions are refused with AWS's codes and words", async () => {
  expect(await refusal(lambda({ ...root, secretAccessKey: "wrong" }))).toEqual({
    name: "InvalidSignatureException",
    message:
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    status: 403,
  });
  expect(await refusal(lambda({ ...root, accessKeyId: "AKIAUNKNOWNUNKNOWNUN" }))).toEqual({
    name: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
    status: 403,
  });
  for (const minutes of [-16, 16]) {
    expect(await refusal(lambda(root, { systemClockOffset: minutes * 60_000 }))).toMatchObject({
      name: "InvalidSignatureException",
      message: expect.stringMatching(/^Signature (expired|not yet current): /),
    });
  }
  expect(await refusal(lambda(root, { systemClockOffset: 14 * 60_000 }))).toEqual({ accepted: true });
  expect(await refusal(lambda(root, { region: "eu-west-1" }))).toMatchObject({
    name: "InvalidSignatureException",
    message: "Credential should be scoped to a valid region.",
  });
});

test.each([
  ["GET", "/2015-03-31/functions/"],
  ["POST", "/2015-03-31/functions/signed/invocations"],
  ["POST", "/2021-11-15/functions/signed/response-streaming-invocations"],
  ["GET", "/_brisk/logs/signed"],
  ["GET", "/_brisk/functions/signed/starts"],
  ["GET", "/_brisk/keys"],
  ["POST", "/_brisk/keys"],
  ["GET", "/_brisk/nothing"],
  ["POST", "/_brisk/code/0000000000000000000000000000000000000000000000000000000000000000"],
  ["GET", "/"],
])("%s %s without a signature is refused", async (method, path) => {
  const response = await fetch(server.url + path, { method });
  expect(response.status).toBe(403);
  expect(response.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
  expect(await response.json()).toEqual({ message: "Missing Authentication Token" });
});

test("health asks for nothing, under any host name", async () => {
  expect((await fetch(`${server.url}/_health`)).status).toBe(200);
  expect((await requestUrl(server.port, "brisk.example", "/_health")).status).toBe(200);
  const page = await fetch(`${server.url}/_health`, { headers: { origin: "https://evil.example" } });
  expect(page.status).toBe(403);
});

test("a presigned request works until it expires, and as it was signed alone", async () => {
  const { port } = new URL(server.url);
  const presign = async (query: Record<string, string>, signingDate = new Date()) => {
    const signed = await signer().presign(
      {
        method: "GET",
        protocol: "http:",
        hostname: "127.0.0.1",
        path: "/2015-03-31/functions/",
        query,
        headers: { host: `127.0.0.1:${port}` },
      },
      { expiresIn: 60, signingDate },
    );
    return `${server.url}/2015-03-31/functions/?${new URLSearchParams(signed.query as Record<string, string>)}`;
  };
  const url = await presign({ MaxItems: "1" });
  const listed = await fetch(url);
  expect(await listed.json()).toMatchObject({ Functions: [{ FunctionName: "signed" }] });
  expect((await fetch(url.replace("MaxItems=1", "MaxItems=2"))).status).toBe(403);
  expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
  const old = await fetch(await presign({}, new Date(Date.now() - 61_000)));
  expect(await old.json()).toEqual({
    message: expect.stringMatching(/^Signature expired: .* - 60 sec\.\)$/),
  });
});

test("bodies over the limit are refused as they are without signatures", async () => {
  const send = lambda().send(
    new InvokeCommand({ FunctionName: "signed", Payload: `"${"x".repeat(6 * 1024 * 1024)}"` }),
  );
  await expect(send).rejects.toMatchObject({ name: "RequestEntityTooLargeException" });
});

test("brisk key lists, makes and deletes keys, and a deleted one is worth nothing", async () => {
  const unsigned = await cli(["key", "list"]);
  expect(unsigned.exitCode).toBe(1);
  expect(unsigned.stderr).toContain("this server wants signed requests: set AWS_ACCESS_KEY_ID");
  const created = await cli(
    ["key", "create", "--user", "ci", "--policy", "AdministratorAccess", "--json"],
    root,
  );
  expect(created, created.stderr).toMatchObject({ exitCode: 0 });
  const key: Credentials & { userArn: string } = JSON.parse(created.stdout);
  expect(key.userArn).toBe("arn:aws:iam::000000000000:user/ci");
  expect(await refusal(lambda(key))).toEqual({ accepted: true });
  const listed = await cli(["key", "list"], key);
  expect(listed.stdout).toContain(key.accessKeyId);
  expect(listed.stdout).toContain(root.accessKeyId);
  expect(listed.stdout).not.toContain(key.secretAccessKey);
  expect(await cli(["key", "delete", key.accessKeyId], root)).toMatchObject({ exitCode: 0 });
  expect(await refusal(lambda(key))).toMatchObject({ name: "UnrecognizedClientException" });
  const last = await cli(["key", "delete", root.accessKeyId], root);
  expect(last.stderr).toContain(
    "no access key of the root or of a user with AdministratorAccess and no Deny would be left",
  );
  const listing = await cli(["ls"], root);
  expect(listing.stdout).toContain("signed");
});

test("a URL with AuthType AWS_IAM answers whoever signs, and says to the function who that is", async () => {
  const { FunctionUrl = "" } = await lambda().send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "signed", AuthType: "AWS_IAM" }),
  );
  const { host } = new URL(FunctionUrl);
  const call = async (credentials: Credentials, change: { body?: string; path?: string } = {}) => {
    const body = '{"a":1}';
    const path = "/a/b%20c";
    const signed = await signer(credentials).sign({
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query: { q: ["1", "ü"] },
      headers: { host, "content-type": "application/json" },
      body,
    });
    const answer = await requestUrl(server.port, host, `${change.path ?? path}?q=1&q=%C3%BC`, {
      method: "POST",
      headers: signed.headers,
      body: change.body ?? body,
    });
    return { ...answer, json: JSON.parse(answer.text) };
  };
  const { json: event } = await call(root);
  expect(event).toMatchObject({
    rawPath: "/a/b%20c",
    queryStringParameters: { q: "1,ü" },
    body: '{"a":1}',
    requestContext: { accountId: "000000000000", authentication: null },
  });
  expect(event.requestContext.authorizer).toEqual({
    iam: {
      accessKey: root.accessKeyId,
      accountId: "000000000000",
      callerId: "000000000000",
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: "arn:aws:iam::000000000000:root",
      userId: "000000000000",
    },
  });

  const embedded = async (credentials: Credentials) => {
    const request = { method: "PUT", protocol: "http:", hostname: "", path: "/e", body: "text" };
    const { headers } = await signer(credentials).sign({ ...request, headers: { host } });
    return server.runtime.fetch(new Request(new URL("/e", FunctionUrl), { ...request, headers }));
  };
  expect(await (await embedded(root)).json()).toMatchObject({
    rawPath: "/e",
    requestContext: { authorizer: { iam: { accessKey: root.accessKeyId } } },
  });
  expect((await embedded({ ...root, secretAccessKey: "wrong" })).status).toBe(403);

  const unsigned = await requestUrl(server.port, host, "/");
  expect(unsigned.status).toBe(403);
  expect(unsigned.headers["x-amzn-errortype"]).toBe("AccessDeniedException");
  expect(unsigned.text).toContain("Forbidden. For troubleshooting Function URL authorization issues");
  for (const wrong of [
    await call({ ...root, secretAccessKey: "wrong" }),
    await call(root, { body: '{"a":2}' }),
    await call(root, { path: "/a/c" }),
  ]) {
    expect(wrong.status).toBe(403);
    expect(wrong.headers["x-amzn-errortype"]).toBe("InvalidSignatureException");
    expect(wrong.json.message).toMatch(/^The request signature we calculated does not match/);
  }
  const unknown = await call({ ...root, accessKeyId: "AKIAUNKNOWN" });
  expect(unknown.headers["x-amzn-errortype"]).toBe("UnrecognizedClientException");
});

test("what is signed for one host is worth nothing on another", async () => {
  const host = "brisk.example:9000";
  const send = async (sentHost: string) => {
    const { headers } = await signer().sign({
      method: "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/2015-03-31/functions/",
      headers: { host },
    });
    return requestUrl(server.port, sentHost, "/2015-03-31/functions/", { headers });
  };
  expect((await send(host)).status).toBe(200);
  expect((await send("other.example:9000")).status).toBe(403);
});

test("the head of a request that is refused is enough: what follows is read to its end and dropped", async () => {
  const sent = httpRequest(`${server.url}/2015-03-31/functions`, {
    method: "POST",
    headers: { authorization: "Bearer x", "content-length": "1000000" },
  });
  sent.on("error", () => {});
  sent.end("{".padEnd(1_000_000, "x"));
  const response = await new Promise<import("node:http").IncomingMessage>((resolve) => {
    sent.on("response", resolve);
  });
  expect(response.statusCode).toBe(403);
  expect(await text(response)).toContain("Authorization header requires 'Credential' parameter.");
  sent.destroy();
});

test("keys outlive a restart, and a file of keys that others may read is refused", async () => {
  const first = await startServer({ auth: "sigv4", dataDir: `${server.dataDir}-keys` });
  const dataDir = first.dataDir;
  try {
    const made = first.runtime.newRootKey;
    await first.close();
    const file = join(dataDir, "access-keys.json");
    expect(await readFile(file, "utf8")).not.toContain(made?.secretAccessKey);
    {
      await using again = await startServer({ auth: "sigv4", dataDir });
      expect(again.runtime.newRootKey).toBeUndefined();
    }
    await chmod(file, 0o644);
    await expect(startServer({ auth: "sigv4", dataDir })).rejects.toThrow("run chmod 600");
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("without keys a URL with AuthType AWS_IAM answers nobody, and says why", async () => {
  await using open = await startServer();
  expect(open.runtime.newRootKey).toBeUndefined();
  const fn = await open.deploy({ name: "closed", files: { "index.mjs": echo }, url: false });
  const { FunctionUrl = "" } = await open.client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: fn.name, AuthType: "AWS_IAM" }),
  );
  const answer = await requestUrl(open.port, new URL(FunctionUrl).host, "/");
  expect(answer.status).toBe(403);
  expect(answer.text).toContain("this server has no access keys: start it with --auth sigv4");
});
