import { functionName, qualifier, unqualifiedFunctionName } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { oneOf, optional, str } from "../shapes.ts";

const runtimeVersionPattern =
  "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}::runtime:.+";

export const runtimeSettingOperations: readonly Operation[] = [
  operation({
    name: "PutFunctionRecursionConfig",
    method: "PUT",
    path: "/2024-08-31/functions/{FunctionName}/recursion-config",
    status: 200,
    uri: unqualifiedFunctionName,
    body: { RecursiveLoop: oneOf("Terminate", "Allow") },
    onlyKept: ["RecursiveLoop"],
    run: async ({ functions }, { FunctionName, RecursiveLoop }) => ({
      RecursiveLoop: await functions.recursion.put(FunctionName, RecursiveLoop),
    }),
  }),
  operation({
    name: "GetFunctionRecursionConfig",
    method: "GET",
    path: "/2024-08-31/functions/{FunctionName}/recursion-config",
    status: 200,
    uri: unqualifiedFunctionName,
    run: ({ functions }, { FunctionName }) => ({ RecursiveLoop: functions.recursion.get(FunctionName) }),
  }),
  operation({
    name: "PutRuntimeManagementConfig",
    method: "PUT",
    path: "/2021-07-20/functions/{FunctionName}/runtime-management-config",
    status: 200,
    query: qualifier,
    uri: functionName,
    body: {
      UpdateRuntimeOn: oneOf("Auto", "Manual", "FunctionUpdate"),
      RuntimeVersionArn: optional(str({ min: 26, max: 2048, pattern: runtimeVersionPattern })),
    },
    note: "A runtime has one build, which is the only one that `Manual` takes.",
    onlyKept: ["UpdateRuntimeOn"],
    run: async ({ functions, present }, input) =>
      present.runtimeManagement(await functions.runtimeManagement.put(input)),
  }),
  operation({
    name: "GetRuntimeManagementConfig",
    method: "GET",
    path: "/2021-07-20/functions/{FunctionName}/runtime-management-config",
    status: 200,
    query: qualifier,
    uri: functionName,
    run: ({ functions, present }, { FunctionName, Qualifier }) =>
      present.runtimeManagement(functions.runtimeManagement.get(FunctionName, Qualifier)),
  }),
];
