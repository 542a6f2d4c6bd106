import { InvalidParameterValueException, LambdaServiceException } from "../../model/errors.ts";

/** An operation of the service model that Brisk does not have. It is refused by name, with a code that the model has for it. */
export interface UnsupportedOperation {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** Ends the sentence that begins with the operation's name. */
  readonly reason: string;
}

type Row = readonly [name: string, method: UnsupportedOperation["method"], path: string];

const groups: readonly { readonly reason: string; readonly operations: readonly Row[] }[] = [
  {
    reason: "policies are changed statement by statement, with AddPermission and RemovePermission",
    operations: [
      ["DeleteResourcePolicy", "DELETE", "/2026-07-09/resource-policy/{ResourceArn}"],
      ["GetResourcePolicy", "GET", "/2026-07-09/resource-policy/{ResourceArn}"],
      ["PutResourcePolicy", "PUT", "/2026-07-09/resource-policy/{ResourceArn}"],
    ],
  },
  {
    reason: "there are no asynchronous invocations yet",
    operations: [["InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async"]],
  },
  {
    reason: "functions run on this machine, which has no capacity providers",
    operations: [
      ["CreateCapacityProvider", "POST", "/2025-11-30/capacity-providers"],
      ["DeleteCapacityProvider", "DELETE", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
      ["GetCapacityProvider", "GET", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
      ["GetFunctionScalingConfig", "GET", "/2025-11-30/functions/{FunctionName}/function-scaling-config"],
      ["ListCapacityProviders", "GET", "/2025-11-30/capacity-providers"],
      [
        "ListFunctionVersionsByCapacityProvider",
        "GET",
        "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions",
      ],
      ["PutFunctionScalingConfig", "PUT", "/2025-11-30/functions/{FunctionName}/function-scaling-config"],
      ["UpdateCapacityProvider", "PUT", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
    ],
  },
  {
    reason: "there are no durable executions",
    operations: [
      [
        "CheckpointDurableExecution",
        "POST",
        "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint",
      ],
      ["GetDurableExecution", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}"],
      ["GetDurableExecutionHistory", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/history"],
      ["GetDurableExecutionState", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/state"],
      ["ListDurableExecutionsByFunction", "GET", "/2025-12-01/functions/{FunctionName}/durable-executions"],
      [
        "SendDurableExecutionCallbackFailure",
        "POST",
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/fail",
      ],
      [
        "SendDurableExecutionCallbackHeartbeat",
        "POST",
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat",
      ],
      [
        "SendDurableExecutionCallbackSuccess",
        "POST",
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/succeed",
      ],
      ["StopDurableExecution", "POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/stop"],
    ],
  },
];

export const unsupportedOperations: readonly UnsupportedOperation[] = groups.flatMap(
  ({ reason, operations }) => operations.map(([name, method, path]) => ({ name, method, path, reason })),
);

/** The one operation whose model does not have the code that all others have. */
const withoutInvalidParameter = "InvokeAsync";

export function refusalOf({ name, reason }: UnsupportedOperation): LambdaServiceException {
  const message = `Brisk does not support the operation ${name}: ${reason}`;
  return name === withoutInvalidParameter
    ? new LambdaServiceException("ModeNotSupportedException", 400, "client", message)
    : new InvalidParameterValueException(message);
}
