import type { Access, EarlyAccess } from "../../access/index.ts";
import { type ArnScope, functionArn, parseFunctionReference } from "../../model/function-arn.ts";
import type { Operation } from "./operation.ts";

type Members = Readonly<Record<string, unknown>>;

/** What of an operation's row says what it is about. */
export type AccessedOperation = Pick<Operation, "name" | "queryMembers" | "uriMembers" | "bodyMembers">;

/** Operations whose IAM action is not called as they are. */
const actionNames: Readonly<Record<string, string>> = { GetLayerVersionByArn: "GetLayerVersion" };

/**
 * What a caller must be allowed for a request: an action of the operation's name, on what the members in its path
 * name (AWS's Service Authorization Reference, "Lambda"). Where nothing there names a thing, it is `*`. Layers of a
 * function have to be ones that the caller may read, and its role one that the caller may pass on.
 * @param mappedFunction The name of the function that an event source mapping is of, if there is such a mapping.
 * @throws {LambdaServiceException} A name that is none here.
 */
export function accessesOf(
  operation: AccessedOperation,
  input: Members,
  scope: ArnScope,
  mappedFunction: (uuid: string) => string | undefined,
): Access[] {
  const resource = resourceOf(operation, input, scope);
  const context = contextOf(operation, input, scope);
  const accesses: [Access, ...Access[]] = [{ action: actionOf(operation), resource, context }];
  const mapped = operation.uriMembers.includes("UUID") ? mappedFunction(String(input["UUID"])) : undefined;
  if (mapped !== undefined) {
    // Whoever moves a mapping from one function to another needs both.
    const ofMapped = { ...context, "lambda:functionarn": functionArn(scope, mapped) };
    const access = { ...accesses[0], context: ofMapped };
    if (input["FunctionName"] === undefined) accesses[0] = access;
    else accesses.push(access);
  }
  const { Role, Layers, CodeSigningConfigArn } = input;
  for (const layer of Array.isArray(Layers) ? Layers : []) {
    accesses.push({ action: "lambda:GetLayerVersion", resource: canonical(String(layer), scope) });
  }
  if (operation.name === "PutFunctionCodeSigningConfig") {
    // Both are needed: the function's configuration, and that one.
    accesses.push({ action: accesses[0].action, resource: canonical(String(CodeSigningConfigArn), scope) });
  }
  const tagged = taggedAtCreation(operation, input, resource, scope);
  if (tagged !== undefined) accesses.push({ action: "lambda:TagResource", resource: tagged, context });
  if (typeof Role === "string") {
    accesses.push({
      action: "iam:PassRole",
      resource: Role,
      context: { "iam:passedtoservice": "lambda.amazonaws.com", "iam:associatedresourcearn": resource },
    });
  }
  return accesses;
}

/** What has no id before it is made, by the operation that makes it. */
const kindsMade: Readonly<Record<string, string>> = {
  CreateEventSourceMapping: "event-source-mapping",
  CreateCodeSigningConfig: "code-signing-config",
};

/** Whoever makes a thing with tags tags it, too: a Deny on that could be avoided otherwise. */
function taggedAtCreation(
  { name }: AccessedOperation,
  { Tags = {} }: Members,
  resource: string,
  { region, accountId }: ArnScope,
): string | undefined {
  const isTagging = name.startsWith("Create") && Object.keys(Tags as object).length > 0;
  if (!isTagging || resource !== "*") return isTagging ? resource : undefined;
  return `arn:aws:lambda:${region}:${accountId}:${kindsMade[name]}:*`;
}

/** What is known of that before a body was read. @param named The members of path and query. */
export function earlyAccessOf(operation: AccessedOperation, named: Members, scope: ArnScope): EarlyAccess {
  const resource = operation.uriMembers.length === 0 ? undefined : resourceOf(operation, named, scope);
  return { action: actionOf(operation), resource };
}

function actionOf({ name }: Pick<Operation, "name">): string {
  return `lambda:${actionNames[name] ?? name}`;
}

function resourceOf(operation: AccessedOperation, input: Members, scope: ArnScope): string {
  const inPath = (member: string): string | undefined => {
    const value = operation.uriMembers.includes(member) ? input[member] : undefined;
    return value === undefined ? undefined : String(value);
  };
  const arn = (rest: string) => `arn:aws:lambda:${scope.region}:${scope.accountId}:${rest}`;

  const name = inPath("FunctionName");
  if (name !== undefined) return functionResource(operation, name, input, scope);
  // The one operation that names its function in the body, since there is none yet.
  if (operation.name === "CreateFunction") {
    return functionResource(operation, String(input["FunctionName"]), input, scope);
  }
  const layer = inPath("LayerName");
  if (layer !== undefined) {
    const layerArn = layer.startsWith("arn:") ? canonical(layer, scope) : arn(`layer:${layer}`);
    const version = inPath("VersionNumber");
    return version === undefined ? layerArn : `${layerArn}:${version}`;
  }
  if (operation.name === "GetLayerVersionByArn") return canonical(String(input["Arn"]), scope);
  const mapping = inPath("UUID");
  if (mapping !== undefined) return arn(`event-source-mapping:${mapping.toLowerCase()}`);
  const given = inPath("CodeSigningConfigArn") ?? inPath("Resource");
  return given === undefined ? "*" : canonical(given, scope);
}

/** One spelling for one thing, which policies are written with: any partition is taken for `aws` here. */
function canonical(arn: string, scope: ArnScope): string {
  const [, partition, , , , type] = arn.split(":");
  if (type === "function") {
    const { name, qualifier } = parseFunctionReference(scope, arn);
    return functionArn(scope, name, qualifier);
  }
  return arn.replace(`arn:${partition}:`, "arn:aws:");
}

/** Qualified for operations that look at a qualifier, as they do: others are about the function as a whole. */
function functionResource(
  operation: AccessedOperation,
  nameOrArn: string,
  input: Members,
  scope: ArnScope,
): string {
  const takesQualifier = operation.queryMembers.includes("Qualifier");
  const given = takesQualifier ? (input["Qualifier"] as string | undefined) : undefined;
  const { name, qualifier } = parseFunctionReference(scope, nameOrArn, given);
  return functionArn(scope, name, takesQualifier ? qualifier : undefined);
}

/** Lambda's condition keys that requests bring values for. */
function contextOf({ name }: AccessedOperation, input: Members, scope: ArnScope): Access["context"] {
  const { AuthType, FunctionUrlAuthType, Principal, Layers, VpcConfig, CodeSigningConfigArn, FunctionName } =
    input as {
      AuthType?: string;
      FunctionUrlAuthType?: string;
      Principal?: string;
      Layers?: readonly string[];
      VpcConfig?: { SubnetIds?: readonly string[]; SecurityGroupIds?: readonly string[] };
      CodeSigningConfigArn?: string;
      FunctionName?: string;
    };
  const { Tags, TagKeys } = input as { Tags?: Readonly<Record<string, string>>; TagKeys?: readonly string[] };
  const isAboutFunction =
    FunctionName !== undefined && (name.includes("EventSourceMapping") || name.includes("FunctionUrl"));
  return {
    ...requestTags(Tags),
    "aws:tagkeys": TagKeys ?? (Tags && Object.keys(Tags)),
    "lambda:functionurlauthtype": FunctionUrlAuthType ?? AuthType,
    "lambda:principal": Principal,
    "lambda:layer": Layers,
    "lambda:subnetids": VpcConfig?.SubnetIds,
    "lambda:securitygroupids": VpcConfig?.SecurityGroupIds,
    "lambda:codesigningconfigarn": CodeSigningConfigArn,
    "lambda:functionarn": isAboutFunction
      ? functionArn(scope, parseFunctionReference(scope, FunctionName).name)
      : undefined,
  };
}

function requestTags(tags: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value]),
  );
}
