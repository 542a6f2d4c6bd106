import type { VersionSpec } from "../model/version.ts";
import type { OpenSettings } from "../model/wire/index.ts";

/** What a host needs for an environment, with the variables that Lambda sets beside the function's own (spec: invoke.md, section 5). */
export function openSettingsJson(
  spec: VersionSpec,
  logStreamName: string,
  limits: { initTimeoutMs: number; logBytesPerInvocation: number },
  start: Pick<OpenSettings, "snapshot" | "record" | "codeCache" | "files" | "inspect"> = {},
  credentials: Readonly<Record<string, string>> = {},
): string {
  const major = /\d+/.exec(spec.runtime)?.[0] ?? "";
  const settings: OpenSettings = {
    bundleHash: spec.bundle.hash,
    handler: spec.handler,
    runtime: spec.runtime,
    memorySizeMb: spec.memorySizeMb,
    cpuTimeMs: spec.cpuTimeMs,
    initTimeoutMs: limits.initTimeoutMs,
    logBytesPerInvocation: limits.logBytesPerInvocation,
    scratchBytes: spec.ephemeralStorageMb * 1024 * 1024,
    ...start,
    variables: {
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
      LD_LIBRARY_PATH:
        "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
      NODE_PATH: `/opt/nodejs/node${major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task`,
      PWD: "/var/task",
      SHLVL: "0",
      AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
      ...spec.environmentVariables,
      ...credentials,
      _HANDLER: spec.handler,
      AWS_REGION: spec.region,
      AWS_DEFAULT_REGION: spec.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
      AWS_LAMBDA_FUNCTION_VERSION: spec.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memorySizeMb),
      AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
      AWS_LAMBDA_INITIALIZATION_TYPE:
        start.snapshot === undefined && start.record === undefined ? "on-demand" : "snap-start",
      LAMBDA_TASK_ROOT: "/var/task",
      LAMBDA_RUNTIME_DIR: "/var/runtime",
    },
  };
  return JSON.stringify(settings);
}
