import type { Operation, OperationGroup } from "../operation.ts";
import { accountOperations } from "./account.ts";
import { codeSigningOperations } from "./code-signing.ts";
import { concurrencyOperations } from "./concurrency.ts";
import { eventInvokeConfigOperations } from "./event-invoke-configs.ts";
import { eventSourceMappingOperations } from "./event-source-mappings.ts";
import { functionUrlOperations } from "./function-urls.ts";
import { functionOperations } from "./functions.ts";
import { layerOperations } from "./layers.ts";
import { permissionOperations } from "./permissions.ts";
import { runtimeSettingOperations } from "./runtime-settings.ts";
import { tagOperations } from "./tags.ts";
import { versionOperations } from "./versions.ts";

/** The Lambda API as far as it is there, but for invocations, which stream and have a file of their own. */
export const operationGroups: readonly OperationGroup[] = [
  {
    title: "Functions",
    works: "create, get, list, update, delete; states and SDK waiters; SnapStart",
    missing: "container images",
    operations: functionOperations,
  },
  {
    title: "Versions and aliases",
    works: "versions; aliases of one version, or of two by weight",
    operations: versionOperations,
  },
  {
    title: "Layers",
    works:
      "publish, get, list, delete, policies; up to five a function, merged into `/opt`: files for `node:fs`, packages in `nodejs/node_modules` and `nodejs/node<major>/node_modules`, handlers",
    missing:
      "layers of other accounts; extensions and wrapper scripts (`AWS_LAMBDA_EXEC_WRAPPER`) in layers are not started",
    operations: layerOperations,
  },
  {
    title: "Function URLs",
    works:
      "payload 2.0, CORS, BUFFERED and RESPONSE_STREAM, `AuthType NONE` with its resource policy, `AuthType AWS_IAM` with access keys",
    operations: functionUrlOperations,
  },
  {
    title: "Permissions",
    works: "resource policies of functions, versions and aliases",
    operations: permissionOperations,
  },
  {
    title: "Tags",
    works: "of functions, event source mappings and code signing configurations",
    operations: tagOperations,
  },
  {
    title: "Concurrency",
    works: "reserved and provisioned concurrency are checked against the account's limit, kept and shown",
    missing:
      "neither acts yet: a reservation guarantees nothing and limits nothing, not even 0; nothing is started ahead, which `Status: FAILED` of a provisioned concurrency config says with its reason",
    operations: concurrencyOperations,
  },
  {
    title: "Asynchronous invocation",
    works: "event invoke configs are checked, kept and shown",
    missing: "nothing reads them yet: there are no asynchronous invocations",
    operations: eventInvokeConfigOperations,
  },
  {
    title: "Event source mappings",
    works:
      "of SQS, Kinesis, DynamoDB, Kafka, MQ and DocumentDB: checked by source, kept and shown, with their states",
    missing: "nothing polls yet, which `LastProcessingResult` says; whether a source exists is not looked up",
    operations: eventSourceMappingOperations,
  },
  {
    title: "Runtime settings",
    works: "recursion and runtime management configs are checked, kept and shown",
    missing: "nothing reads them yet: loops are not looked for, and a runtime has one build",
    operations: runtimeSettingOperations,
  },
  {
    title: "Code signing",
    works: "configurations, and functions that have one: `Enforce` refuses every upload of code, `Warn` none",
    missing: "signatures are not checked, so that no code counts as signed",
    operations: codeSigningOperations,
  },
  { title: "Account", works: "limits and usage", operations: accountOperations },
];

export const operations: readonly Operation[] = operationGroups.flatMap(({ operations }) => operations);
