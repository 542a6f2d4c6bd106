/** What is set for one version or alias of a function, beside its configuration. */
interface SettingRecord {
  readonly functionName: string;
  /** `$LATEST`, a version's number or an alias's name. */
  readonly qualifier: string;
}

/** Environments that were asked for ahead of invocations. */
export interface ProvisionedRecord extends SettingRecord {
  readonly requested: number;
  readonly lastModifiedMs: number;
}

/** How asynchronous invocations are retried, and where their outcomes go. */
export interface EventInvokeRecord extends SettingRecord {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  /** ARNs. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly lastModifiedMs: number;
}

/** Which build of its runtime a version runs on. */
export interface RuntimeManagementRecord extends SettingRecord {
  readonly updateRuntimeOn: "Auto" | "Manual" | "FunctionUpdate";
  /** With Manual. */
  readonly runtimeVersionArn?: string;
}

/** By kind, which is the store's too. Of each kind a qualifier has one record at most, and it goes with the qualifier. */
export interface SettingRecords {
  readonly provisioned: ProvisionedRecord;
  readonly eventInvoke: EventInvokeRecord;
  readonly runtimeManagement: RuntimeManagementRecord;
}

export type SettingKind = keyof SettingRecords;

export const settingKinds: readonly SettingKind[] = ["provisioned", "eventInvoke", "runtimeManagement"];

/** A function's settings by kind, then by qualifier. */
export type Settings = { readonly [K in SettingKind]: ReadonlyMap<string, SettingRecords[K]> };
