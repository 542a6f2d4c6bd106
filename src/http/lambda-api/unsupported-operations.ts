/** Operations of the service model that Brisk does not have yet: name, method and path. They are refused by name. */
export const unsupportedOperations: readonly (readonly [name: string, method: string, path: string])[] = [
  ["CheckpointDurableExecution", "POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"],
  ["CreateCapacityProvider", "POST", "/2025-11-30/capacity-providers"],
  ["DeleteCapacityProvider", "DELETE", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
  ["GetCapacityProvider", "GET", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
  ["GetDurableExecution", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}"],
  ["GetDurableExecutionHistory", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/history"],
  ["GetDurableExecutionState", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/state"],
  ["GetFunctionScalingConfig", "GET", "/2025-11-30/functions/{FunctionName}/function-scaling-config"],
  ["InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async"],
  ["ListCapacityProviders", "GET", "/2025-11-30/capacity-providers"],
  ["ListDurableExecutionsByFunction", "GET", "/2025-12-01/functions/{FunctionName}/durable-executions"],
  [
    "ListFunctionVersionsByCapacityProvider",
    "GET",
    "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions",
  ],
  ["PutFunctionScalingConfig", "PUT", "/2025-11-30/functions/{FunctionName}/function-scaling-config"],
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
  ["UpdateCapacityProvider", "PUT", "/2025-11-30/capacity-providers/{CapacityProviderName}"],
];
