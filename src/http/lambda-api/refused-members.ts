import { arnOrEmpty } from "./members.ts";
import { bool, double, int, list, oneOf, optional, str, structure, structures } from "./shapes.ts";

// Members of functions for what Brisk does not have: checked by the model's constraints, and then refused.

const filesystemPattern =
  "arn:aws[a-zA-Z-]*:elasticfilesystem:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}";
const capacityProviderPattern =
  "arn:aws[a-zA-Z-]*:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:capacity-provider:[a-zA-Z0-9-_]+";

export const publishTo = { PublishTo: optional(oneOf("LATEST_PUBLISHED")) };

export const tenancyConfig = {
  TenancyConfig: optional(structure({ TenantIsolationMode: oneOf("PER_TENANT") })),
};

/** Of CreateFunction and UpdateFunctionConfiguration. */
export const refusedConfigurationMembers = {
  FileSystemConfigs: optional(
    structures(
      structure({
        Arn: str({ min: 0, max: 256, pattern: filesystemPattern }),
        LocalMountPath: str({ min: 0, max: 160, pattern: "/mnt/[a-zA-Z0-9-_.]+" }),
        S3FilesConfig: optional(structure({ DirectS3Read: optional(bool()) })),
      }),
      { min: 0, max: 1 },
    ),
  ),
  ImageConfig: optional(
    structure({
      EntryPoint: optional(list({}, { min: 0, max: 1500 })),
      Command: optional(list({}, { min: 0, max: 1500 })),
      WorkingDirectory: optional(str({ min: 0, max: 1000 })),
    }),
  ),
  CapacityProviderConfig: optional(
    structure({
      LambdaManagedInstancesCapacityProviderConfig: structure({
        CapacityProviderArn: str({ min: 1, max: 140, pattern: capacityProviderPattern }),
        PerExecutionEnvironmentMaxConcurrency: optional(int({ min: 1, max: 1600 })),
        ExecutionEnvironmentMemoryGiBPerVCpu: optional(double({ min: 2, max: 8 })),
      }),
    }),
  ),
  DurableConfig: optional(
    structure({
      KMSKeyArn: optional(str({ min: 0, max: 10_000, pattern: arnOrEmpty })),
      RetentionPeriodInDays: optional(int({ min: 1, max: 90 })),
      ExecutionTimeout: optional(int({ min: 1, max: 31_622_400 })),
    }),
  ),
};
