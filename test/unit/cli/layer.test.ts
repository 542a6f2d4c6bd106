import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, answerJson, FakeApi, inTurn, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const version = (Version: number, more: object = {}) => ({
  LayerVersionArn: `arn:aws:lambda:us-east-1:000000000000:layer:tools:${Version}`,
  Version,
  Description: "",
  CreatedDate: "2026-11-20T12:00:00.000+0000",
  ...more,
});
const versions = "/2018-10-31/layers/tools/versions";
const layers = "GET /2018-10-31/layers";
const listed = answerJson({ Layers: [{ LayerName: "tools", LatestMatchingVersion: version(2) }] });
const missing = refuse(404, "ResourceNotFoundException", "The resource you requested does not exist.");

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "brisk-layer-"));
  await mkdir(join(cwd, "tools", "nodejs", "node_modules"), { recursive: true });
  await writeFile(join(cwd, "tools", "nodejs", "node_modules", "one.js"), "module.exports = 1");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function run(answers: Record<string, Answer>, args: readonly string[]) {
  await using api = await FakeApi.start(answers);
  return { ...(await runCli(args, { env: api.env, cwd })), api };
}

test("layer publish sends the folder as a zip, and prints the version's ARN alone", async () => {
  const { exitCode, stdout, stderr, api } = await run({ [`POST ${versions}`]: answerJson(version(3), 201) }, [
    "layer",
    "publish",
    "tools",
    "tools",
    "--runtimes",
    "nodejs22.x, nodejs24.x",
    "--description",
    "what we use",
  ]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${version(3).LayerVersionArn}\n` });
  expect(stderr).toMatch(
    /^Packing tools …\nPacked tools, \d+ B .*\nPublishing tools …\nPublished version 3 of tools/,
  );
  const body = JSON.parse(api.calls[0]?.body.toString() ?? "");
  expect(body).toMatchObject({
    Description: "what we use",
    CompatibleRuntimes: ["nodejs22.x", "nodejs24.x"],
  });
  const files = unzipSync(Buffer.from(body.Content.ZipFile, "base64"));
  expect(strFromU8(files["nodejs/node_modules/one.js"]!)).toBe("module.exports = 1");
});

test("layer publish says where packages belong, when they lie where no function finds them", async () => {
  await mkdir(join(cwd, "flat", "node_modules"), { recursive: true });
  await writeFile(join(cwd, "flat", "node_modules", "one.js"), "");
  const answers = { [`POST ${versions}`]: answerJson(version(1), 201) };
  const flat = await run(answers, ["layer", "publish", "tools", "flat"]);
  expect(flat.exitCode).toBe(0);
  expect(flat.stderr).toContain(
    "note: functions find packages of a layer in nodejs/node_modules; in flat they lie in node_modules, which becomes /opt/node_modules\n",
  );
  expect((await run(answers, ["layer", "publish", "tools", "tools"])).stderr).not.toContain("note");
});

test("layer publish of what is not there, or what the server refuses", async () => {
  expect(await run({}, ["layer", "publish", "tools", "tolls"])).toMatchObject({
    exitCode: 1,
    stderr: 'error: cannot publish "tools": no file or folder tolls (did you mean tools?)\n',
  });
  const tooLarge = refuse(
    400,
    "InvalidParameterValueException",
    "Unzipped size must be smaller than 262144000 bytes",
  );
  const refused = await run({ [`POST ${versions}`]: tooLarge }, ["layer", "publish", "tools", "tools"]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(
    'error: cannot publish "tools": Unzipped size must be smaller than 262144000 bytes\n',
  );
});

test("layer list shows layers, or the versions of one, from every page", async () => {
  const all = await run({ [layers]: listed }, ["layer", "list"]);
  expect(all.stdout).toBe(
    "NAME   VERSION  CREATED              RUNTIMES  DESCRIPTION\ntools  2        2026-11-20 12:00:00  -         -\n",
  );
  const one = await run(
    {
      [`GET ${versions}`]: inTurn(
        answerJson({
          LayerVersions: [version(2, { CompatibleRuntimes: ["nodejs22.x"], Description: "second" })],
          NextMarker: "m",
        }),
        answerJson({ LayerVersions: [version(1)] }),
      ),
    },
    ["layer", "list", "tools"],
  );
  expect(one.stdout).toBe(
    "VERSION  CREATED              RUNTIMES    DESCRIPTION\n2        2026-11-20 12:00:00  nodejs22.x  second\n1        2026-11-20 12:00:00  -           -\n",
  );
  expect(one.api.calls[1]?.query.get("Marker")).toBe("m");
  expect(await run({ [layers]: answerJson({ Layers: [] }) }, ["layer", "list", "--json"])).toMatchObject({
    stdout: "[]\n",
  });
  const none = {
    "GET /2018-10-31/layers/tolls/versions": answerJson({ LayerVersions: [] }),
    [layers]: listed,
  };
  expect(await run(none, ["layer", "list", "tolls"])).toMatchObject({
    exitCode: 1,
    stderr: 'error: no layer is called "tolls" (did you mean tools?)\n',
  });
});

test("layer delete deletes a version, and does not pass over what is not there", async () => {
  const answers: Record<string, Answer> = {
    [`GET ${versions}/2`]: answerJson(version(2)),
    [`DELETE ${versions}/2`]: (_, response) => response.writeHead(204).end(),
    [`GET ${versions}/9`]: missing,
    [layers]: listed,
  };
  expect(await run(answers, ["layer", "delete", "tools", "2", "--json"])).toMatchObject({
    exitCode: 0,
    stdout: '{\n  "deleted": "tools:2"\n}\n',
    stderr: "Deleted version 2 of tools\n",
  });
  expect(await run(answers, ["layer", "delete", "tools", "9"])).toMatchObject({
    exitCode: 1,
    stderr: 'error: no layer version is called "tools:9" (did you mean tools?)\n',
  });
  expect(await run(answers, ["layer", "delete", "tools", "latest"])).toMatchObject({ exitCode: 2 });
});

test("deploy --layers takes names, versions and ARNs, in their order; none for an empty list", async () => {
  const creation = "POST /2015-03-31/functions";
  const active = {
    FunctionName: "tools",
    FunctionArn: "arn",
    State: "Active",
    LastUpdateStatus: "Successful",
  };
  const configuration = "/2015-03-31/functions/tools/configuration";
  const arn = "arn:aws:lambda:us-east-1:000000000000:layer:fonts:7";
  const answers = (): Record<string, Answer> => ({
    [`GET ${configuration}`]: inTurn(
      refuse(404, "ResourceNotFoundException", "Function not found"),
      answerJson(active),
    ),
    [creation]: answerJson(active, 201),
    [`GET ${versions}`]: answerJson({ LayerVersions: [version(5), version(4)] }),
    [`GET ${versions}/3`]: answerJson(version(3)),
    "GET /2018-10-31/layers/tolls/versions": answerJson({ LayerVersions: [] }),
    [layers]: listed,
  });
  const deploy = (list: string) =>
    run(answers(), ["deploy", "tools", "--handler", "index.handler", "--layers", list]);
  const layersOf = (api: FakeApi) => JSON.parse(api.callsTo(creation)[0]?.body.toString() ?? "{}").Layers;
  expect(layersOf((await deploy(`tools:3, ${arn}`)).api)).toEqual([version(3).LayerVersionArn, arn]);
  expect(layersOf((await deploy("tools")).api)).toEqual([version(5).LayerVersionArn]);
  expect(layersOf((await deploy("")).api)).toEqual([]);
  expect(await deploy("tolls")).toMatchObject({
    exitCode: 1,
    stderr: 'error: cannot deploy "tools": no layer is called "tolls" (did you mean tools?)\n',
  });
  expect((await deploy("tools:x")).exitCode).toBe(2);
});
