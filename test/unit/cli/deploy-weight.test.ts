import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sharesOf } from "../../../src/cli/aliases.ts";
import { type Answer, answerJson, FakeApi, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const latest = { FunctionName: "hello", FunctionArn: arn, State: "Active", Version: "$LATEST" };
const live = "/2015-03-31/functions/hello/aliases/live";
const missing = refuse(404, "ResourceNotFoundException", `Alias not found: ${arn}:live`);

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-deploy-"));
  await mkdir(join(cwd, "hello"));
  await writeFile(join(cwd, "hello", "index.mjs"), "export const handler = async () => 'hi';\n");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** @param alias The answer to who asks for the alias. */
function server(alias: Answer, changed: Answer = answerJson({ Name: "live" })) {
  return FakeApi.start({
    "GET /2015-03-31/functions/hello/configuration": answerJson(latest),
    "PUT /2015-03-31/functions/hello/code": answerJson(latest),
    "POST /2015-03-31/functions/hello/versions": answerJson({ ...latest, Version: "3" }, 201),
    "POST /2015-03-31/functions/hello/aliases": answerJson({ Name: "live" }, 201),
    [`GET ${live}`]: alias,
    [`PUT ${live}`]: changed,
  });
}

const changesTo = (api: FakeApi) => api.callsTo(`PUT ${live}`).map(({ body }) => JSON.parse(String(body)));
const toAll = { FunctionVersion: "3", RoutingConfig: { AdditionalVersionWeights: {} } };

test("--weight gives the new version a share of the alias's requests", async () => {
  await using api = await server(answerJson({ Name: "live", FunctionVersion: "2" }));
  const { exitCode, stderr } = await runCli(["deploy", "hello", "--alias", "live", "--weight", "0.1"], {
    env: api.env,
    cwd,
  });
  expect(exitCode).toBe(0);
  expect(changesTo(api)).toEqual([{ RoutingConfig: { AdditionalVersionWeights: { "3": 0.1 } } }]);
  expect(stderr).toMatch(
    /\nAlias live leads 10% of its requests to version 3, and the others to version 2\n$/,
  );
});

test("without --weight the alias moves, and the shares that it had are over", async () => {
  await using api = await server(answerJson({ Name: "live", FunctionVersion: "2" }));
  const { stderr } = await runCli(["deploy", "hello", "--alias", "live"], { env: api.env, cwd });
  expect(changesTo(api)).toEqual([toAll]);
  expect(stderr).toMatch(/\nAlias live leads to version 3\n$/);
});

test("an alias of $LATEST cannot be shared: it moves, and a new one is made", async () => {
  const args = ["deploy", "hello", "--alias", "live", "--weight", "0.5"];
  await using unpublished = await server(answerJson({ Name: "live", FunctionVersion: "$LATEST" }));
  const moved = await runCli(args, { env: unpublished.env, cwd });
  expect(moved.stderr).toMatch(/\nAlias live leads to version 3\n$/);
  expect(changesTo(unpublished)).toEqual([toAll]);
  await using none = await server(missing, missing);
  await runCli(args, { env: none.env, cwd });
  const [made] = none.callsTo("POST /2015-03-31/functions/hello/aliases");
  expect(JSON.parse(String(made?.body))).toEqual({ Name: "live", FunctionVersion: "3" });
});

test("an alias that leads to the version already stays as it is", async () => {
  await using api = await server(answerJson({ Name: "live", FunctionVersion: "3" }));
  const { exitCode, stderr } = await runCli(["deploy", "hello", "--alias", "live", "--weight", "0.5"], {
    env: api.env,
    cwd,
  });
  expect(exitCode).toBe(0);
  expect(changesTo(api)).toEqual([]);
  expect(stderr).toMatch(/\nAlias live led to version 3 before\n$/);
});

test.each([
  [["--alias", "live", "--weight", "1.5"], '--weight "1.5" is not a number from 0 to 1'],
  [["--alias", "live", "--weight", "10%"], '--weight "10%" is not a number from 0 to 1'],
  [["--alias", "live", "--weight", ""], '--weight "" is not a number from 0 to 1'],
  [["--weight", "0.5"], "--weight needs --alias"],
])("%s is misuse, and nothing is deployed", async (args, message) => {
  await using api = await server(missing);
  const { exitCode, stderr } = await runCli(["deploy", "hello", ...args], { env: api.env, cwd });
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
  expect(api.calls).toEqual([]);
});

describe("sharesOf()", () => {
  const alias = (weights?: Record<string, number>) => ({
    Name: "live",
    FunctionVersion: "1",
    ...(weights !== undefined && { RoutingConfig: { AdditionalVersionWeights: weights } }),
  });

  test.each([
    [{ 2: 0.1 }, "90% to version 1, 10% to version 2"],
    [{ 2: 1 / 3 }, "66.67% to version 1, 33.33% to version 2"],
    [{ 2: 0 }, "100% to version 1, 0% to version 2"],
    [{ 2: 1 }, "0% to version 1, 100% to version 2"],
    [{}, undefined],
    [undefined, undefined],
  ])("%j is %j", (weights, shares) => {
    expect(sharesOf(alias(weights))).toBe(shares);
  });
});
