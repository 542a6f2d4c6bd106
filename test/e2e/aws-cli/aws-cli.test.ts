import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operations } from "../../../src/http/lambda-api/index.ts";
import { startServer, type TestServer } from "../server.ts";
import { AwsCommand, awsPython, commandName } from "./aws-command.ts";
import { type CliFixtures, type Made, phases, type Step } from "./phases.ts";

const python = await awsPython();
const reason = python === undefined ? " (skipped: no Python here has the AWS CLI, pip install awscli)" : "";
/** The AWS CLI has no command for it: it does not do event streams. */
const withoutCommand = "InvokeWithResponseStream";

let server: TestServer;
let folder: string;
let files: CliFixtures;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "brisk-aws-cli-"));
  files = {
    functionZip: join(folder, "function.zip"),
    layerZip: join(folder, "layer.zip"),
    payload: join(folder, "payload.json"),
    outFile: join(folder, "out.json"),
  };
  const code = "exports.handler = async (event) => process.env.GREETING + ' ' + event.name;";
  await writeFile(files.functionZip, zipSync({ "index.js": Buffer.from(code) }));
  await writeFile(files.layerZip, zipSync({ "nodejs/node_modules/a/index.js": Buffer.from("") }));
  await writeFile(files.payload, '{"name":"you"}');
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test("every operation of the table has a command here", () => {
  const made: Made = { codeSigningConfigArn: "a", mappingUuid: "a" };
  const driven = phases.flatMap((phase) => phase(made, files)).map(({ operation }) => operation);
  const known = [...operations.map(({ name }) => name), "Invoke"];
  expect(known).not.toContain(withoutCommand);
  expect(driven.sort()).toEqual(known.sort());
});

test.skipIf(python === undefined)(`the AWS CLI drives every operation${reason}`, async () => {
  await using aws = await AwsCommand.start(python!, server.url);
  const made: Made = { codeSigningConfigArn: "", mappingUuid: "" };
  for (const phase of phases) {
    const steps = phase(made, files);
    for (const step of steps) await take(aws, step, made);
    // An update that is not done refuses the next one.
    if (steps.some(({ operation }) => /^CreateFunction$|^UpdateFunctionC/.test(operation))) {
      await aws.lambda("wait", "function-updated-v2", "--function-name", "hello");
    }
    if (steps.some(({ operation }) => operation === "UpdateEventSourceMapping")) {
      const settled = async () =>
        (await aws.lambda("get-event-source-mapping", "--uuid", made.mappingUuid))["State"];
      while ((await settled()) === "Updating") await sleep(20);
    }
  }
  await expect(aws.lambda("get-function", "--function-name", "gone")).rejects.toThrow(
    /\(ResourceNotFoundException\) when calling the GetFunction operation: Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone/,
  );
});

async function take(aws: AwsCommand, { operation, options, shows }: Step, made: Made): Promise<void> {
  const args = Object.entries(options).flatMap(([name, value]) =>
    name === "" ? [value] : [`--${name}`, ...(value === "" ? [] : [value])],
  );
  const answer = await aws.lambda(commandName(operation), ...args);
  if (shows !== undefined) expect(answer, operation).toMatchObject(shows);
  if (operation === "CreateCodeSigningConfig") {
    const { CodeSigningConfigArn } = answer["CodeSigningConfig"] as { CodeSigningConfigArn: string };
    made.codeSigningConfigArn = CodeSigningConfigArn;
  }
  if (operation === "CreateEventSourceMapping") made.mappingUuid = String(answer["UUID"]);
  if (operation === "Invoke") expect(await readFile(files.outFile, "utf8")).toBe('"hello you"');
}
