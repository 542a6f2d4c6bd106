import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, answerJson, FakeApi, inTurn, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const active = {
  FunctionName: "hello",
  FunctionArn: arn,
  State: "Active",
  LastUpdateStatus: "Successful",
  Version: "$LATEST",
};
const creation = "POST /2015-03-31/functions";
const configuration = "GET /2015-03-31/functions/hello/configuration";
const functionUrl = "http://abc.lambda-url.us-east-1.localhost:9000/";
const missing = refuse(404, "ResourceNotFoundException", `Function not found: ${arn}`);

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-deploy-"));
  await mkdir(join(cwd, "hello"));
  await writeFile(join(cwd, "hello", "index.mjs"), "export const handler = async () => 'hi';\n");
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

async function deploy(answers: Record<string, Answer>, args: readonly string[]) {
  await using api = await FakeApi.start(answers);
  const result = await runCli(["deploy", ...args], { env: api.env, cwd });
  return { ...result, api };
}

test("a new function is created from its folder, waited for, and its URL printed alone", async () => {
  const { exitCode, stdout, stderr, api } = await deploy(
    {
      [configuration]: inTurn(missing, answerJson({ ...active, State: "Pending" }), answerJson(active)),
      [creation]: answerJson({ ...active, State: "Pending" }, 201),
      "POST /2021-10-31/functions/hello/url": answerJson({ FunctionUrl: functionUrl }, 201),
      "POST /2015-03-31/functions/hello/policy": answerJson({ Statement: "{}" }, 201),
    },
    ["hello", "--url", "--stream", "--memory", "256", "--env", "A=1=2", "--env", "B="],
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${functionUrl}\n` });
  expect(stderr).toMatch(/^Packing hello …\nPacked hello, \d+ B .*\nCreating hello …\nCreated hello \(\d/);
  const body = JSON.parse(api.callsTo(creation)[0]?.body.toString() ?? "");
  expect(body).toMatchObject({
    FunctionName: "hello",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/brisk",
    MemorySize: 256,
    Environment: { Variables: { A: "1=2", B: "" } },
  });
  expect(Buffer.from(body.Code.ZipFile, "base64").subarray(0, 2).toString()).toBe("PK");
  const [url] = api.callsTo("POST /2021-10-31/functions/hello/url");
  expect(JSON.parse(url?.body.toString() ?? "")).toEqual({ AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" });
  const statements = api
    .callsTo("POST /2015-03-31/functions/hello/policy")
    .map((call) => JSON.parse(call.body.toString()));
  expect(statements).toMatchObject([
    { Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: "NONE" },
    { Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true },
  ]);
});

test("an existing function gets the code, and only the settings that were given", async () => {
  const { exitCode, stdout, api } = await deploy(
    {
      [configuration]: answerJson(active),
      "PUT /2015-03-31/functions/hello/code": answerJson(active),
      "PUT /2015-03-31/functions/hello/configuration": answerJson(active),
      "POST /2015-03-31/functions/hello/versions": answerJson(
        { ...active, Version: "7", FunctionArn: `${arn}:7` },
        201,
      ),
    },
    ["hello", "--timeout", "10", "--publish", "--json"],
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    FunctionName: "hello",
    FunctionArn: `${arn}:7`,
    Version: "7",
    State: "Active",
  });
  const [change] = api.callsTo("PUT /2015-03-31/functions/hello/configuration");
  expect(JSON.parse(change?.body.toString() ?? "")).toEqual({ Timeout: 10 });
});

test("a function that fails to become Active is a failure with its reason", async () => {
  const { exitCode, stdout, stderr } = await deploy(
    {
      [configuration]: inTurn(
        missing,
        answerJson({ ...active, State: "Failed", StateReason: "the code is 300 MiB" }),
      ),
      [creation]: answerJson(active, 201),
    },
    ["hello"],
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/\nerror: cannot deploy "hello": the code is 300 MiB\n$/);
});

test("a path that is not there is answered with the one that was meant", async () => {
  const { exitCode, stderr } = await deploy({}, ["helo"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'error: cannot deploy "helo": no file or folder helo (did you mean hello?)\n',
  });
});

test("settings that make no sense are a misuse and nothing is sent", async () => {
  const { exitCode, stderr, api } = await deploy({}, ["hello", "--memory", "lots"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'error: --memory "lots" is not a whole number\n',
  });
  expect((await deploy({}, ["hello", "--env", "novalue"])).exitCode).toBe(2);
  expect(api.calls).toEqual([]);
});

test("variables come from a file, and the command line has the last word", async () => {
  await writeFile(join(cwd, ".env"), "SECRET='from the file'\nSTAGE=test\n");
  const { api } = await deploy(
    { [configuration]: inTurn(missing, answerJson(active)), [creation]: answerJson(active, 201) },
    ["hello", "--env-file", ".env", "--env", "STAGE=prod"],
  );
  const body = JSON.parse(api.callsTo(creation)[0]?.body.toString() ?? "");
  expect(body.Environment.Variables).toEqual({ SECRET: "from the file", STAGE: "prod" });
});

test("a package whose handler cannot be guessed asks for it", async () => {
  await writeFile(join(cwd, "hello", "one.mjs"), "");
  await rm(join(cwd, "hello", "index.mjs"));
  await writeFile(join(cwd, "hello", "two.mjs"), "");
  const { exitCode, stderr } = await deploy({ [configuration]: missing }, ["hello"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Cannot tell the handler of");
});
