import type { FuzzedOperation, Member } from "./members.ts";

/** What the target holds from the beginning, for requests to be about. */
export const fixture = {
  functionName: "fuzz-target",
  alias: "live",
  version: "1",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:fuzz-target",
  role: "arn:aws:iam::000000000000:role/fuzz",
} as const;

/** One good value for each member that requests can't do without, by the member's name. */
const byName: Readonly<Record<string, unknown>> = {
  FunctionName: fixture.functionName,
  Role: fixture.role,
  Code: {},
  Handler: "index.handler",
  Runtime: "nodejs22.x",
  Name: fixture.alias,
  FunctionVersion: "$LATEST",
  StatementId: "fuzz",
  Action: "lambda:InvokeFunction",
  Principal: "*",
  AuthType: "NONE",
  Resource: fixture.functionArn,
  TagKeys: "a",
  Tags: { a: "b" },
  ReservedConcurrentExecutions: 1,
  ProvisionedConcurrentExecutions: 1,
  Qualifier: fixture.version,
  RecursiveLoop: "Allow",
  UpdateRuntimeOn: "Auto",
  AllowedPublishers: {
    SigningProfileVersionArns: ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/fuzz/abcdef"],
  },
  CodeSigningConfigArn: "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdefg",
  LayerName: "fuzz-layer",
  VersionNumber: 1,
  Content: {},
  UUID: "00000000-0000-4000-8000-000000000000",
  Arn: "arn:aws:lambda:us-east-1:000000000000:layer:fuzz-layer:1",
  Size: 512,
  EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:fuzz",
  Destination: "",
};

/** Members that an operation's good request has besides the required ones, or in another form. */
const byOperation: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Its code is nowhere, so that no mutation of what stands beside it makes a function.
  CreateFunction: {
    FunctionName: "fuzz-new",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { S3Bucket: "fuzz", S3Key: "none" },
  },
  UpdateFunctionCode: { S3Bucket: "fuzz", S3Key: "none" },
  PublishLayerVersion: { Content: { S3Bucket: "fuzz", S3Key: "none" } },
  // What is deleted was not there: the next request wants the target as it was.
  DeleteFunction: { FunctionName: "fuzz-gone" },
  DeleteAlias: { Name: "gone" },
  DeleteFunctionUrlConfig: { FunctionName: "fuzz-gone" },
  CreateEventSourceMapping: { EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:fuzz" },
  AddLayerVersionPermission: { Action: "lambda:GetLayerVersion" },
  Invoke: { InvocationType: "DryRun" },
  InvokeWithResponseStream: { InvocationType: "DryRun" },
};

/** A request's members as a client without faults would send them. */
export function sampleOf(operation: FuzzedOperation): Map<Member, unknown> {
  const more = byOperation[operation.name] ?? {};
  const sample = new Map<Member, unknown>();
  for (const member of operation.members) {
    const name = member.path[0] as string;
    const given = more[name] ?? (member.isRequired ? requiredSample(operation, member) : undefined);
    if (given !== undefined) sample.set(member, given);
  }
  return sample;
}

/** @throws {Error} A new required member, for which there has to be a value here. */
function requiredSample(operation: FuzzedOperation, member: Member): unknown {
  const name = member.path.at(-1) as string;
  const value = byName[name] ?? byName[name.slice(0, 1).toUpperCase() + name.slice(1)];
  if (value !== undefined) return value;
  throw new Error(`No sample for ${operation.name}'s required member ${name}: name one in samples.ts`);
}

/** What stands in for a structure around a member: its other required members. */
export function sampleStructure(member: Member): Record<string, unknown> {
  const required = member.members.filter((inner) => inner.isRequired);
  return Object.fromEntries(
    required.map((inner) => {
      const name = inner.path.at(-1) as string;
      if (inner.shape.kind === "structure") return [name, sampleStructure(inner)];
      if (inner.shape.kind === "number") return [name, byName[name] ?? 1];
      if (inner.shape.kind === "list") return [name, []];
      return [name, byName[name] ?? "a"];
    }),
  );
}
