import { anyArnPattern, codeSigningPattern, description, functionName, paging, tags } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { list, oneOf, optional, str, structure } from "../shapes.ts";

const configArn = { CodeSigningConfigArn: str({ min: 0, max: 200, pattern: codeSigningPattern }) };
const publishers = structure({
  SigningProfileVersionArns: list({ min: 0, max: 10_000, pattern: anyArnPattern }, { min: 1, max: 20 }),
});
const policies = optional(structure({ UntrustedArtifactOnDeployment: optional(oneOf("Warn", "Enforce")) }));

export const codeSigningOperations: readonly Operation[] = [
  operation({
    name: "CreateCodeSigningConfig",
    method: "POST",
    path: "/2020-04-22/code-signing-configs",
    status: 201,
    body: {
      Description: description,
      AllowedPublishers: publishers,
      CodeSigningPolicies: policies,
      Tags: optional(tags),
    },
    onlyKept: ["AllowedPublishers"],
    run: async ({ functions, present }, input) => ({
      CodeSigningConfig: present.codeSigningConfig(await functions.codeSigning.create(input)),
    }),
  }),
  operation({
    name: "GetCodeSigningConfig",
    method: "GET",
    path: "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}",
    status: 200,
    uri: configArn,
    run: ({ functions, present }, { CodeSigningConfigArn }) => ({
      CodeSigningConfig: present.codeSigningConfig(functions.codeSigning.get(CodeSigningConfigArn)),
    }),
  }),
  operation({
    name: "UpdateCodeSigningConfig",
    method: "PUT",
    path: "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}",
    status: 200,
    uri: configArn,
    body: {
      Description: description,
      AllowedPublishers: optional(publishers),
      CodeSigningPolicies: policies,
    },
    onlyKept: ["AllowedPublishers"],
    run: async ({ functions, present }, { CodeSigningConfigArn, ...input }) => ({
      CodeSigningConfig: present.codeSigningConfig(
        await functions.codeSigning.update(CodeSigningConfigArn, input),
      ),
    }),
  }),
  operation({
    name: "DeleteCodeSigningConfig",
    method: "DELETE",
    path: "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}",
    status: 204,
    uri: configArn,
    run: ({ functions }, { CodeSigningConfigArn }) => functions.codeSigning.delete(CodeSigningConfigArn),
  }),
  operation({
    name: "ListCodeSigningConfigs",
    method: "GET",
    path: "/2020-04-22/code-signing-configs",
    status: 200,
    query: paging,
    run: ({ functions, present }, input) => {
      const { rows, NextMarker } = page(functions.codeSigning.list(), ({ arn }) => arn, input);
      return { NextMarker, CodeSigningConfigs: rows.map((row) => present.codeSigningConfig(row)) };
    },
  }),
  operation({
    name: "ListFunctionsByCodeSigningConfig",
    method: "GET",
    path: "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions",
    status: 200,
    query: paging,
    uri: configArn,
    run: ({ functions, present }, input) => {
      const names = functions.codeSigning.functionsOf(input.CodeSigningConfigArn);
      const { rows, NextMarker } = page(names, (name) => name, input);
      return { NextMarker, FunctionArns: rows.map((name) => present.arn(name)) };
    },
  }),
  operation({
    name: "PutFunctionCodeSigningConfig",
    method: "PUT",
    path: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    status: 200,
    uri: functionName,
    body: configArn,
    run: async ({ functions }, { FunctionName, CodeSigningConfigArn }) => ({
      CodeSigningConfigArn,
      FunctionName: await functions.codeSigning.attach(FunctionName, CodeSigningConfigArn),
    }),
  }),
  operation({
    name: "GetFunctionCodeSigningConfig",
    method: "GET",
    path: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    status: 200,
    uri: functionName,
    // Recorded: the name alone for a function that has none.
    run: ({ functions }, { FunctionName }) => {
      const { arn, name } = functions.codeSigning.ofFunction(FunctionName);
      return { CodeSigningConfigArn: arn, FunctionName: name };
    },
  }),
  operation({
    name: "DeleteFunctionCodeSigningConfig",
    method: "DELETE",
    path: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    status: 204,
    uri: functionName,
    run: ({ functions }, { FunctionName }) => functions.codeSigning.detach(FunctionName),
  }),
];
