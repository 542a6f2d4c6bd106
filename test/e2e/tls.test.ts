import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import {
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TestAuthority } from "../certificates.ts";
import { runCli } from "../unit/cli/run-cli.ts";
import { runProgram } from "./brisk-process.ts";
import { startServer, type TestServer } from "./server.ts";

/** A whole server over TLS with signatures, as the SDK, the commands and curl's likes use it. */
let authority: TestAuthority;
let server: TestServer;
let client: LambdaClient;
let ca: Buffer;

beforeAll(async () => {
  authority = new TestAuthority();
  const { certFile, keyFile } = authority.issue("server");
  ca = readFileSync(authority.caFile);
  server = await startServer({ auth: "sigv4", tlsCert: certFile, tlsKey: keyFile });
  client = new LambdaClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: server.runtime.newRootKey!,
    maxAttempts: 1,
    requestHandler: { httpsAgent: { ca } },
  });
});

afterAll(async () => {
  client?.destroy();
  await server?.close();
  authority[Symbol.dispose]();
});

function environment(more: Record<string, string> = {}): Record<string, string> {
  const { accessKeyId = "", secretAccessKey = "" } = server.runtime.newRootKey ?? {};
  return {
    BRISK_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "us-east-1",
    ...more,
  };
}

async function get(url: string): Promise<{ status: number | undefined; body: Buffer }> {
  const { host, port, pathname, search } = new URL(url);
  // Names under .localhost don't resolve in Node.
  const sent = request({ host: "127.0.0.1", port, path: pathname + search, ca, headers: { host } });
  const [response] = (await once(sent.end(), "response")) as [import("node:http").IncomingMessage];
  return {
    status: response.statusCode,
    body: Buffer.from(await text(response.setEncoding("latin1")), "latin1"),
  };
}

test("the SDK deploys, invokes and reads the code over TLS; links and URLs say https", async () => {
  const zip = zipSync({ "index.mjs": Buffer.from("export const handler = async (event) => event;\n") });
  await client.send(
    new CreateFunctionCommand({
      FunctionName: "hello",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/any",
      Handler: "index.handler",
      Code: { ZipFile: zip },
    }),
  );
  await vi.waitFor(
    async () => {
      const { Configuration, Code } = await client.send(new GetFunctionCommand({ FunctionName: "hello" }));
      expect(Configuration?.State).toBe("Active");
      expect(Code?.Location).toMatch(/^https:/);
      const code = await get(Code?.Location ?? "");
      expect(code.body.equals(zip)).toBe(true);
    },
    { timeout: 30_000 },
  );
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: "hello", Payload: '{"a":1}' }));
  expect(Buffer.from(Payload ?? []).toString()).toBe('{"a":1}');
  const { FunctionUrl = "" } = await client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "hello", AuthType: "AWS_IAM" }),
  );
  expect(FunctionUrl).toMatch(/^https:\/\/[a-z0-9]{32}\.lambda-url\./);
  expect((await get(FunctionUrl)).status).toBe(403);
});

test("the SDK in a process of its own takes the authority from NODE_EXTRA_CA_CERTS", async () => {
  const program = `
    import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
    const client = new LambdaClient({ endpoint: process.env.BRISK_ENDPOINT_URL, maxAttempts: 1 });
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    console.log(Functions.length);`;
  const run = (env: Record<string, string>) =>
    runProgram(process.execPath, ["--input-type=module", "--eval", program], { env });
  const trusting = await run(environment({ NODE_EXTRA_CA_CERTS: authority.caFile }));
  expect(trusting.stdout, trusting.stderr).toBe("1\n");
  expect(await run(environment({ NODE_EXTRA_CA_CERTS: "" }))).toMatchObject({ exitCode: 1 });
});

test("the commands take the authority from --ca, BRISK_CA or AWS_CA_BUNDLE, and say what is missing", async () => {
  const listed = await runCli(["ls", "--ca", authority.caFile], { env: environment() });
  expect(listed, listed.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("hello") });
  for (const name of ["BRISK_CA", "AWS_CA_BUNDLE"]) {
    expect(await runCli(["ls"], { env: environment({ [name]: authority.caFile }) })).toMatchObject({
      exitCode: 0,
    });
  }
  const untrusting = await runCli(["ls"], { env: environment() });
  expect(untrusting.exitCode).toBe(1);
  expect(untrusting.stderr).toContain(
    "its certificate is of no authority that this machine knows (name the authority's file with --ca, or in BRISK_CA)",
  );
  const plain = environment({ BRISK_ENDPOINT_URL: server.url.replace("https:", "http:") });
  expect((await runCli(["ls"], { env: plain })).stderr).toContain("the URL begins with https://");
  expect(await runCli(["ls", "--ca", "/no/such.pem"], { env: environment() })).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: "error: --ca: cannot read /no/such.pem: no such file\n",
  });
});
