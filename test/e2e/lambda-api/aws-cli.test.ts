// The AWS CLI drives every operation. Each command is a second of Python, so that this runs on demand alone: npm run test:aws-cli
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../../src/http/lambda-api/operations/index.ts";
import { type LambdaApiUnderTest, role, serveLambdaApi } from "./serve-lambda-api.ts";

const run = promisify(execFile);
const isWanted = process.env["BRISK_TEST_AWS_CLI"] === "1";

/** The CLI looks whether it is a zip, and nobody here reads it. */
function emptyZip(comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}

/** As the CLI calls an operation. */
const commandOf = (operation: string) => operation.replaceAll(/(?<!^)([A-Z])/g, "-$1").toLowerCase();

/** One command: its name, its arguments, and values of its answer to keep, by the CLI's own query language. */
type Step = readonly [command: string, args: string, keep?: Readonly<Record<string, string>>];

const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const fn = "--function-name hello";
const steps: readonly Step[] = [
  [
    "create-function",
    `${fn} --runtime nodejs22.x --handler index.handler --role ${role} --zip-file fileb://one.zip --publish`,
  ],
  ["wait function-active-v2", fn],
  ["get-function", fn],
  ["get-function-configuration", `${fn} --qualifier 1`],
  ["list-functions", "--function-version ALL --page-size 1"],
  ["update-function-configuration", `${fn} --timeout 5 --environment Variables={A1=b}`],
  ["wait function-updated-v2", fn],
  ["update-function-code", `${fn} --zip-file fileb://two.zip`],
  ["wait function-updated-v2", fn],
  ["publish-version", `${fn} --description second`],
  ["list-versions-by-function", fn],
  ["create-alias", `${fn} --name live --function-version 1`],
  ["update-alias", `${fn} --name live --routing-config AdditionalVersionWeights={2=0.5}`],
  ["get-alias", `${fn} --name live`],
  ["list-aliases", fn],
  ["create-function-url-config", `${fn} --qualifier live --auth-type NONE`],
  ["update-function-url-config", `${fn} --qualifier live --invoke-mode RESPONSE_STREAM`],
  ["get-function-url-config", `${fn} --qualifier live`],
  ["list-function-url-configs", fn],
  ["delete-function-url-config", `${fn} --qualifier live`],
  ["add-permission", `${fn} --statement-id s3 --action lambda:InvokeFunction --principal s3.amazonaws.com`],
  ["get-policy", fn],
  ["remove-permission", `${fn} --statement-id s3`],
  ["tag-resource", `--resource ${arn} --tags team=blue`],
  ["list-tags", `--resource ${arn}`],
  ["untag-resource", `--resource ${arn} --tag-keys team`],
  ["put-function-concurrency", `${fn} --reserved-concurrent-executions 5`],
  ["get-function-concurrency", fn],
  ["put-provisioned-concurrency-config", `${fn} --qualifier 2 --provisioned-concurrent-executions 2`],
  ["get-provisioned-concurrency-config", `${fn} --qualifier 2`],
  ["list-provisioned-concurrency-configs", fn],
  ["delete-provisioned-concurrency-config", `${fn} --qualifier 2`],
  ["delete-function-concurrency", fn],
  ["put-function-event-invoke-config", `${fn} --maximum-retry-attempts 1`],
  ["update-function-event-invoke-config", `${fn} --maximum-event-age-in-seconds 60`],
  ["get-function-event-invoke-config", fn],
  ["list-function-event-invoke-configs", fn],
  ["delete-function-event-invoke-config", fn],
  [
    "create-event-source-mapping",
    `${fn} --event-source-arn arn:aws:sqs:us-east-1:000000000000:jobs --no-enabled`,
    { uuid: "UUID" },
  ],
  ["get-event-source-mapping", "--uuid {uuid}"],
  ["list-event-source-mappings", fn],
  ["delete-event-source-mapping", "--uuid {uuid}"],
  [
    "create-event-source-mapping",
    `${fn} --event-source-arn arn:aws:sqs:us-east-1:000000000000:others --no-enabled`,
    { uuid: "UUID" },
  ],
  ["update-event-source-mapping", "--uuid {uuid} --batch-size 3"],
  ["put-function-recursion-config", `${fn} --recursive-loop Allow`],
  ["get-function-recursion-config", fn],
  ["put-runtime-management-config", `${fn} --update-runtime-on FunctionUpdate`],
  ["get-runtime-management-config", fn],
  [
    "create-code-signing-config",
    "--allowed-publishers SigningProfileVersionArns=arn:aws:signer:us-east-1:000000000000:/signing-profiles/a",
    { csc: "CodeSigningConfig.CodeSigningConfigArn" },
  ],
  ["get-code-signing-config", "--code-signing-config-arn {csc}"],
  ["update-code-signing-config", "--code-signing-config-arn {csc} --description other"],
  ["list-code-signing-configs", ""],
  ["put-function-code-signing-config", `${fn} --code-signing-config-arn {csc}`],
  ["get-function-code-signing-config", fn],
  ["list-functions-by-code-signing-config", "--code-signing-config-arn {csc}"],
  ["delete-function-code-signing-config", fn],
  ["delete-code-signing-config", "--code-signing-config-arn {csc}"],
  ["get-account-settings", ""],
  ["publish-layer-version", "--layer-name tools --zip-file fileb://one.zip", { layer: "LayerVersionArn" }],
  ["get-layer-version", "--layer-name tools --version-number 1"],
  ["get-layer-version-by-arn", "--arn {layer}"],
  ["list-layers", ""],
  ["list-layer-versions", "--layer-name tools"],
  [
    "add-layer-version-permission",
    "--layer-name tools --version-number 1 --statement-id all --action lambda:GetLayerVersion --principal *",
  ],
  ["get-layer-version-policy", "--layer-name tools --version-number 1"],
  ["remove-layer-version-permission", "--layer-name tools --version-number 1 --statement-id all"],
  ["delete-layer-version", "--layer-name tools --version-number 1"],
  ["delete-alias", `${fn} --name live`],
  ["delete-function", fn],
];

test("the steps have every operation", () => {
  const known = new Set(steps.map(([command]) => command));
  expect(operations.map(({ name }) => commandOf(name)).filter((command) => !known.has(command))).toEqual([]);
});

describe.skipIf(!isWanted)("the AWS CLI", () => {
  let api: LambdaApiUnderTest;
  let folder: string;
  beforeAll(async () => {
    api = await serveLambdaApi();
    folder = await mkdtemp(join(tmpdir(), "aws-cli-"));
    await writeFile(join(folder, "one.zip"), emptyZip("one"));
    await writeFile(join(folder, "two.zip"), emptyZip("two"));
  });
  afterAll(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  async function aws(args: readonly string[]): Promise<string> {
    const { stdout } = await run(
      "aws",
      ["--endpoint-url", api.origin, "--output", "json", "lambda", ...args],
      {
        cwd: folder,
        env: {
          ...process.env,
          AWS_REGION: "us-east-1",
          AWS_DEFAULT_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "any",
          AWS_SECRET_ACCESS_KEY: "any",
          AWS_PAGER: "",
        },
      },
    );
    return stdout;
  }

  test("drives every operation", { timeout: 600_000 }, async () => {
    const kept: Record<string, string> = {};
    for (const [command, args, keep = {}] of steps) {
      const filled = args.replaceAll(/\{(uuid|csc|layer)\}/g, (_, name: string) => kept[name] ?? "");
      const stdout = await aws([...command.split(" "), ...filled.split(" ").filter((word) => word !== "")]);
      const answer: unknown = stdout.trim() === "" ? {} : JSON.parse(stdout);
      for (const [name, path] of Object.entries(keep)) {
        kept[name] = path.split(".").reduce((value, key) => (value as never)[key], answer) as string;
        expect([command, kept[name]]).toEqual([command, expect.any(String)]);
      }
    }
  });
});
