import { accepted } from "../../../control/index.ts";
import { requiredQualifier, shortFunctionName, shortPaging } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { int } from "../shapes.ts";

export const concurrencyOperations: readonly Operation[] = [
  operation({
    name: "PutFunctionConcurrency",
    method: "PUT",
    path: "/2017-10-31/functions/{FunctionName}/concurrency",
    status: 200,
    uri: shortFunctionName,
    body: { ReservedConcurrentExecutions: int({ min: 0 }) },
    onlyKept: ["ReservedConcurrentExecutions"],
    run: async ({ functions }, { FunctionName, ReservedConcurrentExecutions }) => ({
      ReservedConcurrentExecutions: await functions.reservedConcurrency.put(
        FunctionName,
        ReservedConcurrentExecutions,
      ),
    }),
  }),
  operation({
    name: "GetFunctionConcurrency",
    method: "GET",
    path: "/2019-09-30/functions/{FunctionName}/concurrency",
    status: 200,
    uri: shortFunctionName,
    run: ({ functions }, { FunctionName }) => ({
      ReservedConcurrentExecutions: functions.reservedConcurrency.get(FunctionName),
    }),
  }),
  operation({
    name: "DeleteFunctionConcurrency",
    method: "DELETE",
    path: "/2017-10-31/functions/{FunctionName}/concurrency",
    status: 204,
    uri: shortFunctionName,
    run: ({ functions }, { FunctionName }) => functions.reservedConcurrency.delete(FunctionName),
  }),
  operation({
    name: "PutProvisionedConcurrencyConfig",
    method: "PUT",
    path: "/2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    status: 202,
    query: requiredQualifier,
    uri: shortFunctionName,
    body: { ProvisionedConcurrentExecutions: int({ min: 1 }) },
    note: "Afterwards the `Status` is FAILED, and its reason says that nothing is allocated yet.",
    onlyKept: ["ProvisionedConcurrentExecutions"],
    run: async ({ functions, present }, { FunctionName, Qualifier, ProvisionedConcurrentExecutions }) => {
      const { provisionedConcurrency } = functions;
      const record = await provisionedConcurrency.put(
        FunctionName,
        Qualifier,
        ProvisionedConcurrentExecutions,
      );
      return present.provisionedConcurrency(record, accepted);
    },
  }),
  operation({
    name: "ListProvisionedConcurrencyConfigs",
    method: "GET",
    path: "/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL",
    status: 200,
    query: shortPaging,
    uri: shortFunctionName,
    run: ({ functions, present }, input) => {
      const { provisionedConcurrency } = functions;
      const configs = provisionedConcurrency.list(input.FunctionName);
      const { rows, NextMarker } = page(configs, ({ qualifier }) => qualifier, input);
      return {
        ProvisionedConcurrencyConfigs: rows.map((record) => ({
          FunctionArn: present.arn(record.functionName, record.qualifier),
          ...present.provisionedConcurrency(record, provisionedConcurrency.allocation(record)),
        })),
        NextMarker,
      };
    },
  }),
  operation({
    name: "GetProvisionedConcurrencyConfig",
    method: "GET",
    path: "/2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    status: 200,
    query: requiredQualifier,
    uri: shortFunctionName,
    run: ({ functions, present }, { FunctionName, Qualifier }) => {
      const { provisionedConcurrency } = functions;
      const record = provisionedConcurrency.get(FunctionName, Qualifier);
      return present.provisionedConcurrency(record, provisionedConcurrency.allocation(record));
    },
  }),
  operation({
    name: "DeleteProvisionedConcurrencyConfig",
    method: "DELETE",
    path: "/2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    status: 204,
    query: requiredQualifier,
    uri: shortFunctionName,
    run: ({ functions }, { FunctionName, Qualifier }) =>
      functions.provisionedConcurrency.delete(FunctionName, Qualifier),
  }),
];
