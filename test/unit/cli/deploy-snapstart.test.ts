import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failedSnapshot, readySnapshot } from "../../fake-snap-start.ts";
import { type Answer, answerJson, FakeApi, inTurn, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const latest = { FunctionName: "hello", FunctionArn: arn, State: "Active", Version: "$LATEST" };
const pending = { ...latest, FunctionArn: `${arn}:3`, Version: "3", State: "Pending" };
const SnapStart = { ApplyOn: "PublishedVersions", OptimizationStatus: "On" };
const active = { ...pending, State: "Active", SnapStart };
const missing = refuse(404, "ResourceNotFoundException", `Function not found: ${arn}`);
const configuration = "GET /2015-03-31/functions/hello/configuration";
const snapshot = "GET /_brisk/functions/hello/snapshot";
const functionUrl = "http://abc.lambda-url.us-east-1.localhost:9000/";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-deploy-"));
  await mkdir(join(cwd, "hello"));
  await writeFile(join(cwd, "hello", "index.mjs"), "export const handler = async () => 'hi';\n");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** @param version Answers to questions about the published version. */
function server(version: Answer, answers: Record<string, Answer> = {}) {
  return FakeApi.start({
    [configuration]: (call, response) =>
      (call.query.has("Qualifier") ? version : answerJson(latest))(call, response),
    "PUT /2015-03-31/functions/hello/code": answerJson(latest),
    "PUT /2015-03-31/functions/hello/configuration": answerJson(latest),
    "POST /2015-03-31/functions/hello/versions": answerJson(pending, 201),
    [snapshot]: answerJson({ version: "3", ...readySnapshot }),
    ...answers,
  });
}

const building = (step: string) => answerJson({ version: "3", kind: "building", step });

test("--snapstart asks for it, publishes, and says what happens until the snapshot is there", async () => {
  await using api = await server(inTurn(answerJson(pending), answerJson(pending), answerJson(active)), {
    [snapshot]: inTurn(
      building("record"),
      building("freeze"),
      answerJson({ version: "3", ...readySnapshot }),
    ),
  });
  const { exitCode, stdout, stderr } = await runCli(["deploy", "hello", "--snapstart", "--json"], {
    env: api.env,
    cwd,
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    FunctionName: "hello",
    FunctionArn: `${arn}:3`,
    Version: "3",
    State: "Active",
    SnapStart,
  });
  expect(stderr.replaceAll(/ \(\d+ ms\)/g, "")).toMatch(
    /\nPublished version 3\nMaking the snapshot of hello:3 …\nMaking the snapshot of hello:3: init runs …\nMaking the snapshot of hello:3: its heap is frozen …\nVersion 3 can be invoked\nhello:3 starts from a snapshot of 4\.2 MiB\n$/,
  );
  const [change] = api.callsTo("PUT /2015-03-31/functions/hello/configuration");
  expect(JSON.parse(change?.body.toString() ?? "")).toEqual({ SnapStart: { ApplyOn: "PublishedVersions" } });
});

test("a function without a snapshot is deployed all the same, with the reason", async () => {
  const StateReason = "There is no snapshot, so it starts by init: …";
  await using api = await server(answerJson({ ...active, StateReason }), {
    [snapshot]: answerJson({ version: "3", ...failedSnapshot("InitFailed", "Init failed:\n\u001b[2Jno") }),
  });
  const { exitCode, stdout, stderr } = await runCli(["deploy", "hello", "--snapstart"], {
    env: api.env,
    cwd,
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${arn}:3\n` });
  expect(stderr).toMatch(
    /\nnote: hello:3 starts by init: Init failed: \[2Jno \(brisk snapshot hello:3 says more\)\n$/,
  );
});

test("a server that makes no snapshots is said to be one", async () => {
  await using api = await server(answerJson(active), {
    [snapshot]: answerJson({ version: "3", kind: "none" }),
  });
  const { stderr } = await runCli(["deploy", "hello", "--snapstart"], { env: api.env, cwd });
  expect(stderr).toContain("note: hello:3 has no snapshot: the server makes none (--snapstart off)");
});

const aliases = "POST /2015-03-31/functions/hello/aliases";
const aliasLive = "PUT /2015-03-31/functions/hello/aliases/live";
const versions = "POST /2015-03-31/functions/hello/versions";
const url = "POST /2021-10-31/functions/hello/url";
const urlAnswers = {
  [aliasLive]: answerJson({ Name: "live" }),
  [url]: answerJson({ FunctionUrl: functionUrl }, 201),
  "POST /2015-03-31/functions/hello/policy": answerJson({ Statement: "{}" }, 201),
};

test.each([
  ["is made", answerJson({ Name: "live" }, 201)],
  ["is there", refuse(409, "ResourceConflictException", "Alias already exists")],
])(
  "with --url the URL is an alias's, which %s and moves when the version can be invoked",
  async (_, alias) => {
    await using api = await server(inTurn(answerJson(pending), answerJson(active)), {
      ...urlAnswers,
      [aliases]: alias,
    });
    const { stdout, stderr } = await runCli(["deploy", "hello", "--snapstart", "--url"], {
      env: api.env,
      cwd,
    });
    expect(stdout).toBe(`${functionUrl}\n`);
    expect(stderr).toMatch(/\nAlias live leads to version 3\n$/);
    const sent = (line: string) => api.callsTo(line).map((call) => JSON.parse(call.body.toString()));
    expect(sent(aliases)).toEqual([{ Name: "live", FunctionVersion: "$LATEST" }]);
    expect(sent(aliasLive)).toEqual([
      { FunctionVersion: "3", RoutingConfig: { AdditionalVersionWeights: {} } },
    ]);
    expect(api.callsTo(url)[0]?.query.get("Qualifier")).toBe("live");
    const policies = api.callsTo("POST /2015-03-31/functions/hello/policy");
    expect(policies.map((call) => call.query.get("Qualifier"))).toEqual(["live", "live"]);
    // The URL is there when the snapshot is made, and the alias moves to no version that can't be invoked.
    const lines = api.calls.map(({ line }) => line);
    expect(lines.indexOf(url)).toBeLessThan(lines.indexOf(versions));
    expect(lines.indexOf(aliasLive)).toBeGreaterThan(lines.lastIndexOf(configuration));
  },
);

test("a URL whose alias cannot be made is a failure, and no version is published", async () => {
  await using api = await server(answerJson(active), {
    ...urlAnswers,
    [aliases]: refuse(500, "ServiceException", "no room"),
  });
  const { stderr } = await runCli(["deploy", "hello", "--snapstart", "--url"], { env: api.env, cwd });
  expect(stderr).toMatch(/\nerror: cannot deploy "hello": no room\n$/);
  expect(api.callsTo(versions)).toEqual([]);
});

test("--alias publishes and moves the alias that is there", async () => {
  const aliasPath = "PUT /2015-03-31/functions/hello/aliases/stable";
  await using api = await server(answerJson(active), {
    "POST /2015-03-31/functions/hello/versions": answerJson(active, 201),
    [aliasPath]: answerJson({ Name: "stable" }),
  });
  const { stdout } = await runCli(["deploy", "hello", "--alias", "stable"], { env: api.env, cwd });
  expect(stdout).toBe(`${arn}:3\n`);
  expect(api.callsTo(aliasPath)).toHaveLength(1);
  expect(api.callsTo(snapshot)).toEqual([]);
});

test("a version that fails, or is deleted while one waits, is a failure", async () => {
  await using failing = await server(answerJson({ ...pending, State: "Failed", StateReason: "no room" }));
  expect((await runCli(["deploy", "hello", "--snapstart"], { env: failing.env, cwd })).stderr).toMatch(
    /\nerror: cannot deploy "hello": no room\n$/,
  );
  await using gone = await server(missing);
  expect(await runCli(["deploy", "hello", "--snapstart"], { env: gone.env, cwd })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/\nerror: cannot deploy "hello": it was deleted meanwhile\n$/),
  });
});
