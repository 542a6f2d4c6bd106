import type { Configuration, JsonLogging } from "./records.ts";

/** Members of CreateFunction and UpdateFunctionConfiguration that a version keeps, as the model has them. */
export interface ConfigurationInput {
  readonly Runtime?: string | undefined;
  readonly Handler?: string | undefined;
  readonly Role?: string | undefined;
  readonly Description?: string | undefined;
  readonly Timeout?: number | undefined;
  readonly MemorySize?: number | undefined;
  readonly EphemeralStorage?: { readonly Size: number } | undefined;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly TracingConfig?: { readonly Mode?: "Active" | "PassThrough" | undefined } | undefined;
  readonly SnapStart?: { readonly ApplyOn?: "PublishedVersions" | "None" | undefined } | undefined;
  readonly DeadLetterConfig?: { readonly TargetArn?: string | undefined } | undefined;
  readonly LoggingConfig?:
    | {
        readonly LogFormat?: "JSON" | "Text" | undefined;
        readonly ApplicationLogLevel?: JsonLogging["applicationLevel"] | undefined;
        readonly SystemLogLevel?: JsonLogging["systemLevel"] | undefined;
        readonly LogGroup?: string | undefined;
      }
    | undefined;
  readonly VpcConfig?:
    | {
        readonly SubnetIds?: readonly string[] | undefined;
        readonly SecurityGroupIds?: readonly string[] | undefined;
        readonly Ipv6AllowedForDualStack?: boolean | undefined;
      }
    | undefined;
  readonly Layers?: readonly string[] | undefined;
  readonly FileSystemConfigs?: readonly unknown[] | undefined;
  readonly ImageConfig?: object | undefined;
  readonly KMSKeyArn?: string | undefined;
  readonly CodeSigningConfigArn?: string | undefined;
  readonly CapacityProviderConfig?:
    | {
        readonly LambdaManagedInstancesCapacityProviderConfig: { readonly CapacityProviderArn: string };
      }
    | undefined;
  readonly DurableConfig?:
    | {
        readonly KMSKeyArn?: string | undefined;
        readonly RetentionPeriodInDays?: number | undefined;
        readonly ExecutionTimeout?: number | undefined;
      }
    | undefined;
}

/** Where code comes from; of these, ZipFile is what works here. */
export interface CodeInput {
  readonly ZipFile?: Uint8Array | undefined;
  readonly S3Bucket?: string | undefined;
  readonly S3Key?: string | undefined;
  readonly S3ObjectVersion?: string | undefined;
  readonly S3ObjectStorageMode?: "COPY" | "REFERENCE" | undefined;
  readonly ImageUri?: string | undefined;
  readonly SourceKMSKeyArn?: string | undefined;
}

export interface CreateFunctionInput extends ConfigurationInput {
  readonly FunctionName: string;
  readonly Code: CodeInput;
  readonly Publish?: boolean | undefined;
  readonly PublishTo?: "LATEST_PUBLISHED" | undefined;
  readonly TenancyConfig?: { readonly TenantIsolationMode: "PER_TENANT" } | undefined;
  readonly PackageType?: "Zip" | "Image" | undefined;
  readonly Architectures?: readonly Configuration["architecture"][] | undefined;
  readonly Tags?: Readonly<Record<string, string>> | undefined;
}

export interface UpdateFunctionCodeInput extends CodeInput {
  readonly FunctionName: string;
  readonly Architectures?: readonly Configuration["architecture"][] | undefined;
  readonly Publish?: boolean | undefined;
  readonly PublishTo?: "LATEST_PUBLISHED" | undefined;
  readonly DryRun?: boolean | undefined;
  readonly RevisionId?: string | undefined;
}

export interface UpdateFunctionConfigurationInput extends ConfigurationInput {
  readonly FunctionName: string;
  readonly RevisionId?: string | undefined;
}
