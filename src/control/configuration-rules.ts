import { InvalidParameterValueException } from "../model/errors.ts";
import { checkStartVariables } from "./start-settings.ts";

/** A function's own CPU time per invocation, in ms: a setting that Lambda has no member for. */
export const cpuTimeVariable = "BRISK_CPU_TIME_MS";
const leastCpuTimeMs = 10;

/** What a function's `Runtime` may be. */
export const runtimes = ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x", "nodejs26.x"] as const;
const retiredRuntimes = new Set([
  "nodejs",
  "nodejs4.3",
  "nodejs6.10",
  "nodejs8.10",
  "nodejs10.x",
  "nodejs12.x",
  "nodejs14.x",
  "nodejs16.x",
  "nodejs4.3-edge",
  "python2.7",
  "python3.6",
  "python3.7",
  "python3.8",
  "dotnetcore1.0",
  "dotnetcore2.0",
  "dotnetcore2.1",
  "dotnetcore3.1",
  "dotnet6",
  "java8",
  "go1.x",
  "ruby2.5",
  "ruby2.7",
  "provided",
]);

const environmentBytes = 4096;
/** Set by the platform (spec: api.md, section 8). */
const reservedVariables = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
  "AWS_LAMBDA_MAX_CONCURRENCY",
  "AWS_LAMBDA_METADATA_API",
  "AWS_LAMBDA_METADATA_TOKEN",
]);

/** @throws {InvalidParameterValueException} Not a runtime that runs here. */
export function checkRuntime(runtime: string): void {
  if ((runtimes as readonly string[]).includes(runtime)) return;
  if (retiredRuntimes.has(runtime)) {
    throw new InvalidParameterValueException(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  throw new InvalidParameterValueException(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes.join(", ")}] or be a valid ARN`,
  );
}

/** @throws {InvalidParameterValueException} Variables that Lambda, or Brisk, does not take. */
export function checkEnvironmentVariables(variables: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(variables).filter((name) => reservedVariables.has(name));
  if (reserved.length > 0) {
    throw new InvalidParameterValueException(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > environmentBytes) {
    throw new InvalidParameterValueException(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured.slice(0, 2 * environmentBytes)}`,
    );
  }
  const cpuTime = variables[cpuTimeVariable];
  if (cpuTime !== undefined && !(/^\d{1,8}$/.test(cpuTime) && Number(cpuTime) >= leastCpuTimeMs)) {
    throw new InvalidParameterValueException(
      `Cannot use the environment variable ${cpuTimeVariable}="${cpuTime.slice(0, 40)}": it is the CPU time of one invocation in milliseconds, an integer of at least ${leastCpuTimeMs}`,
    );
  }
  checkStartVariables(variables);
}

const tagsPerFunction = 50;

/** @throws {InvalidParameterValueException} Too many tags. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > tagsPerFunction) {
    throw new InvalidParameterValueException("Number of tags exceeds resource tag limit.");
  }
}
