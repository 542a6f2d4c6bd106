export type { CreateAliasInput, UpdateAliasInput } from "./aliases.ts";
export { type CodeSigningInput, codeSigningId } from "./code-signing.ts";
export type { EventInvokeInput } from "./event-invoke-configs.ts";
export { eventSourceMappingArn } from "./event-source-mapping-record.ts";
export type {
  CreateEventSourceMappingInput,
  EventSourceMappingView,
  UpdateEventSourceMappingInput,
} from "./event-source-mappings.ts";
export { runtimeVersionArn } from "./function-directory.ts";
export type {
  CreateFunctionInput,
  UpdateFunctionCodeInput,
  UpdateFunctionConfigurationInput,
} from "./function-requests.ts";
export {
  type AccountSettings,
  createFunctionService,
  FunctionService,
  type FunctionServiceOptions,
} from "./function-service.ts";
export type { FunctionUrlInput } from "./function-urls.ts";
export type { FunctionView } from "./functions.ts";
export type { AddLayerPermissionInput, RemoveLayerPermissionInput } from "./layer-permissions.ts";
export type { LayerVersionRecord } from "./layer-records.ts";
export type { LayerFilter, ListedLayer, PublishLayerInput } from "./layers.ts";
export type { AddPermissionInput, RemovePermissionInput } from "./permissions.ts";
export { type Allocation, accepted } from "./provisioned-concurrency.ts";
export {
  type AliasRecord,
  type CodeSigningRecord,
  type Configuration,
  type FunctionEntry,
  type FunctionUrlRecord,
  latest,
  type PolicyRecord,
  type StatusReason,
  type VersionRecord,
} from "./records.ts";
export type { RuntimeManagementInput, RuntimeManagementView } from "./runtime-management.ts";
export type { EventInvokeRecord, ProvisionedRecord } from "./setting-records.ts";
export { asksForSnapStart } from "./version-snapshots.ts";
export { inOrder, type PublishVersionInput } from "./versions.ts";
