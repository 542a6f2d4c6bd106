import { destinationPattern, functionName, qualifier, shortPaging } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { int, optional, str, structure } from "../shapes.ts";

const destination = optional(
  structure({ Destination: optional(str({ min: 0, max: 350, pattern: destinationPattern })) }),
);
const settings = {
  MaximumRetryAttempts: optional(int({ min: 0, max: 2 })),
  MaximumEventAgeInSeconds: optional(int({ min: 60, max: 21_600 })),
  DestinationConfig: optional(structure({ OnSuccess: destination, OnFailure: destination })),
};

const onlyKept = ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"] as const;

export const eventInvokeConfigOperations: readonly Operation[] = [
  operation({
    name: "PutFunctionEventInvokeConfig",
    method: "PUT",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config",
    status: 200,
    query: qualifier,
    uri: functionName,
    body: settings,
    onlyKept,
    run: async ({ functions, present }, input) =>
      present.eventInvokeConfig(await functions.eventInvokeConfigs.put(input)),
  }),
  operation({
    name: "UpdateFunctionEventInvokeConfig",
    method: "POST",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config",
    status: 200,
    query: qualifier,
    uri: functionName,
    body: settings,
    onlyKept,
    run: async ({ functions, present }, input) =>
      present.eventInvokeConfig(await functions.eventInvokeConfigs.update(input)),
  }),
  operation({
    name: "GetFunctionEventInvokeConfig",
    method: "GET",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config",
    status: 200,
    query: qualifier,
    uri: functionName,
    run: ({ functions, present }, { FunctionName, Qualifier }) =>
      present.eventInvokeConfig(functions.eventInvokeConfigs.get(FunctionName, Qualifier)),
  }),
  operation({
    name: "DeleteFunctionEventInvokeConfig",
    method: "DELETE",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config",
    status: 204,
    query: qualifier,
    uri: functionName,
    run: ({ functions }, { FunctionName, Qualifier }) =>
      functions.eventInvokeConfigs.delete(FunctionName, Qualifier),
  }),
  operation({
    name: "ListFunctionEventInvokeConfigs",
    method: "GET",
    path: "/2019-09-25/functions/{FunctionName}/event-invoke-config/list",
    status: 200,
    query: shortPaging,
    uri: functionName,
    run: ({ functions, present }, input) => {
      const configs = functions.eventInvokeConfigs.list(input.FunctionName);
      const { rows, NextMarker } = page(configs, ({ qualifier }) => qualifier, input);
      return { FunctionEventInvokeConfigs: rows.map((row) => present.eventInvokeConfig(row)), NextMarker };
    },
  }),
];
