import {
  architectures,
  arnOrEmpty,
  codeRequestBytes,
  codeSigningPattern,
  configurationMembers,
  functionName,
  newFunctionName,
  paging,
  qualifier,
  revisionId,
  role,
  shortFunctionName,
  tags,
} from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { pageFrom } from "../pages.ts";
import { publishTo, refusedConfigurationMembers, tenancyConfig } from "../refused-members.ts";
import { blob, bool, oneOf, optional, str, structure } from "../shapes.ts";

const codeMembers = {
  ZipFile: optional(blob()),
  S3Bucket: optional(str({ min: 3, max: 63, pattern: "[0-9A-Za-z\\.\\-_]*(?<!\\.)" })),
  S3Key: optional(str({ min: 1, max: 1024 })),
  S3ObjectVersion: optional(str({ min: 1, max: 1024 })),
  S3ObjectStorageMode: optional(oneOf("COPY", "REFERENCE")),
  ImageUri: optional(str()),
  SourceKMSKeyArn: optional(str({ min: 0, max: 10_000, pattern: arnOrEmpty })),
};

const codeElsewhere = "with code in S3 or an image; there are neither buckets nor container images";
const noKms = "unless it is empty; what is stored is sealed under the server's master key";
const managedOnly = "only functions with a capacity provider have it, of which there are none";
const loggingNote =
  "Of `LoggingConfig` the `LogGroup` acts; format and levels are only kept, and lines are text in either case.";
const onlyKept = ["DeadLetterConfig", "TracingConfig", "DurableConfig"] as const;
const refusedConfiguration = {
  VpcConfig: "with subnets or security groups; functions are in no VPC",
  FileSystemConfigs: "unless it is empty; there are no file systems to mount",
  ImageConfig: "there are no container images",
  KMSKeyArn: noKms,
  CapacityProviderConfig: "no provider is found: functions run on this machine",
};

export const functionOperations: readonly Operation[] = [
  operation({
    name: "CreateFunction",
    method: "POST",
    path: "/2015-03-31/functions",
    status: 201,
    body: {
      ...newFunctionName,
      ...configurationMembers,
      Role: role,
      Code: structure(codeMembers),
      Publish: optional(bool()),
      PackageType: optional(oneOf("Zip", "Image")),
      Tags: optional(tags),
      CodeSigningConfigArn: optional(str({ min: 0, max: 200, pattern: codeSigningPattern })),
      Architectures: architectures,
      ...refusedConfigurationMembers,
      ...tenancyConfig,
      ...publishTo,
    },
    note: loggingNote,
    onlyKept: [...onlyKept, "Architectures"],
    refused: {
      ...refusedConfiguration,
      Code: codeElsewhere,
      PackageType: "`Image`, there are no container images",
      PublishTo: managedOnly,
    },
    bodyBytes: codeRequestBytes,
    // Recorded: the reply's ARN is unqualified, also with Publish.
    run: async ({ functions, present }, input) =>
      present.functionConfiguration(await functions.functions.create(input)),
  }),
  operation({
    name: "GetFunction",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}",
    status: 200,
    query: qualifier,
    uri: functionName,
    note: "`Code.Location` is a link to this server, which expires after ten minutes.",
    run: ({ functions, present, codeLinks, origin }, { FunctionName, Qualifier }) => {
      const { version, qualifier, tags, reservedConcurrency } = functions.functions.get(
        FunctionName,
        Qualifier,
      );
      return {
        Configuration: present.functionConfiguration(version, qualifier),
        Code: { RepositoryType: "S3", Location: codeLinks.sign(origin, version.code.hash) },
        Tags: qualifier === undefined && Object.keys(tags).length > 0 ? tags : undefined,
        Concurrency:
          reservedConcurrency === undefined
            ? undefined
            : { ReservedConcurrentExecutions: reservedConcurrency },
      };
    },
  }),
  operation({
    name: "GetFunctionConfiguration",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/configuration",
    status: 200,
    query: qualifier,
    uri: functionName,
    run: ({ functions, present }, { FunctionName, Qualifier }) => {
      const { version, qualifier } = functions.functions.get(FunctionName, Qualifier);
      return present.functionConfiguration(version, qualifier);
    },
  }),
  operation({
    name: "UpdateFunctionCode",
    method: "PUT",
    path: "/2015-03-31/functions/{FunctionName}/code",
    status: 200,
    uri: shortFunctionName,
    body: {
      ...codeMembers,
      ...revisionId,
      ...publishTo,
      Architectures: architectures,
      Publish: optional(bool()),
      DryRun: optional(bool()),
    },
    onlyKept: ["Architectures"],
    refused: {
      S3Bucket: codeElsewhere,
      S3Key: codeElsewhere,
      S3ObjectVersion: codeElsewhere,
      S3ObjectStorageMode: codeElsewhere,
      ImageUri: codeElsewhere,
      SourceKMSKeyArn: noKms,
      PublishTo: managedOnly,
    },
    bodyBytes: codeRequestBytes,
    run: async ({ functions, present }, input) =>
      present.publishedConfiguration(await functions.functions.updateCode(input)),
  }),
  operation({
    name: "UpdateFunctionConfiguration",
    method: "PUT",
    path: "/2015-03-31/functions/{FunctionName}/configuration",
    status: 200,
    uri: shortFunctionName,
    body: {
      ...configurationMembers,
      ...refusedConfigurationMembers,
      ...revisionId,
      Role: optional(role),
    },
    note: loggingNote,
    onlyKept,
    refused: refusedConfiguration,
    run: async ({ functions, present }, input) =>
      present.functionConfiguration(await functions.functions.updateConfiguration(input)),
  }),
  operation({
    name: "DeleteFunction",
    method: "DELETE",
    path: "/2015-03-31/functions/{FunctionName}",
    // The newest model says 200; recorded, and taken by all SDKs, is 204.
    status: 204,
    query: qualifier,
    uri: functionName,
    run: ({ functions }, { FunctionName, Qualifier }) => functions.functions.delete(FunctionName, Qualifier),
  }),
  operation({
    name: "ListFunctions",
    method: "GET",
    path: "/2015-03-31/functions",
    status: 200,
    query: {
      ...paging,
      FunctionVersion: optional(oneOf("ALL")),
      MasterRegion: optional(
        str({ min: 1, max: 50, pattern: "ALL|(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}" }),
      ),
    },
    note: "With `MasterRegion` the list is empty: there are no replicas of Lambda@Edge.",
    run: ({ functions, present }, input) => {
      // MasterRegion asks for replicas of Lambda@Edge functions; there are none.
      const all = input.FunctionVersion === "ALL";
      const versions = input.MasterRegion === undefined ? functions.functions : undefined;
      const { rows, NextMarker } = pageFrom(
        (after) => versions?.listVersions(all, after) ?? [],
        ({ functionName, version }) => `${functionName}:${version}`,
        input,
      );
      return {
        Functions: rows.map((row) => present.listedConfiguration(row, all ? row.version : undefined)),
        NextMarker,
      };
    },
  }),
];
