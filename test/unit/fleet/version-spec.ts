import type { VersionSpec } from "../../../src/model/version.ts";

/** A version as control makes one, for tests that run no code. */
export function versionSpec(changes: Partial<VersionSpec> = {}): VersionSpec {
  return {
    key: "hello/1",
    functionName: "hello",
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
    version: "$LATEST",
    role: "arn:aws:iam::000000000000:role/lambda-role",
    runtime: "nodejs22.x",
    runtimeVersionArn: "arn:aws:lambda:us-east-1::runtime:0",
    handler: "index.handler",
    memorySizeMb: 128,
    ephemeralStorageMb: 512,
    timeoutMs: 3000,
    cpuTimeMs: 1000,
    environmentVariables: {},
    region: "us-east-1",
    logGroup: "/aws/lambda/hello",
    bundle: { hash: "0".repeat(64), key: "1".repeat(64), builtins: [] },
    start: "init",
    warmUpEvents: [],
    isPrimed: false,
    isPerTenant: false,
    ...changes,
  };
}
