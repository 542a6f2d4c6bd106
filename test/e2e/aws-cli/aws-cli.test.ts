import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operations } from "../../../src/http/lambda-api/index.ts";
import { startServer, type TestServer } from "../server.ts";
import { AwsCommand, awsVersion, commandName } from "./aws-command.ts";
import { type CliFixtures, type Made, ordinary, phases, type Step } from "./phases.ts";

const version = await awsVersion();
const isWhole = process.env["BRISK_TEST_AWS_CLI"] === "all";
const reason = version === undefined ? " (skipped: there is no aws on the PATH)" : "";
/** Each takes about a second of a core. */
const mostAtOnce = 4;
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

test.skipIf(version === undefined)(
  `the AWS CLI ${isWhole ? "drives every operation" : "drives a function from its creation to its end"}${reason}`,
  { timeout: 300_000 },
  async () => {
    const aws = new AwsCommand(server.url);
    const made: Made = { codeSigningConfigArn: "", mappingUuid: "" };
    for (const phase of phases) {
      const steps = phase(made, files).filter(({ operation }) => isWhole || ordinary.has(operation));
      const queue = steps.values();
      const work = async () => {
        for (const step of queue) await take(aws, step, made);
      };
      await Promise.all(Array.from({ length: mostAtOnce }, work));
      // An update that is not done refuses the next one.
      if (steps.some(({ operation }) => /^CreateFunction$|^UpdateFunctionC/.test(operation))) {
        await aws.lambda("wait", "function-updated-v2", "--function-name", "hello");
      }
    }
  },
);

test.skipIf(version === undefined)(`the AWS CLI says what was refused${reason}`, async () => {
  const refused = new AwsCommand(server.url).lambda("get-function", "--function-name", "gone");
  await expect(refused).rejects.toThrow(
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
