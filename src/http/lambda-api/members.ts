import { functionNamePattern } from "../../model/function-arn.ts";
import { functionLimits } from "../../model/function-limits.ts";
import {
  bool,
  enumList,
  int,
  list,
  map,
  oneOf,
  optional,
  queryInt,
  str,
  structure,
  weights,
} from "./shapes.ts";

// Members that several operations have, with the model's constraints (spec: api.md, section 9).

const region = "((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?";
const shortNamePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?${region}(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`;
const unqualifiedNamePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?${region}(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)`;
const urlNamePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?${region}(\\d{12}:)?(function:)?([a-zA-Z0-9-_]{1,64})(:((?!\\d+$)[0-9a-zA-Z-_]+))?`;
export const arnOrEmpty = "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
export const anyArnPattern =
  "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
export const destinationPattern = `$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|${anyArnPattern}`;
export const codeSigningPattern =
  "arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:code-signing-config:csc-[a-z0-9]{17}";
export const layerPattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";
const tagPattern = "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";

/** AWS's own limit for requests that carry code: 50 MB in base64, and the rest. */
export const codeRequestBytes = 70_167_211;

/** The name in requests for what exists. */
export const functionName = { FunctionName: str({ min: 1, max: 256, pattern: functionNamePattern }) };
/** The name where the function as a whole is meant. */
export const unqualifiedFunctionName = {
  FunctionName: str({ min: 1, max: 140, pattern: unqualifiedNamePattern }),
};
/** The name in requests that make or change something. */
export const shortFunctionName = { FunctionName: str({ min: 1, max: 140, pattern: shortNamePattern }) };
export const newFunctionName = {
  FunctionName: str({ min: 1, max: 140, pattern: shortNamePattern, listAll: true }),
};
export const urlFunctionName = { FunctionName: str({ min: 1, max: 140, pattern: urlNamePattern }) };

export const qualifier = {
  Qualifier: optional(str({ min: 1, max: 128, pattern: "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+" })),
};
export const urlQualifier = {
  Qualifier: optional(str({ min: 1, max: 128, pattern: "((?!^\\d+$)^[0-9a-zA-Z-_]+$)" })),
};
export const requiredQualifier = { Qualifier: str({ min: 1, max: 128, pattern: "(|[a-zA-Z0-9$_-]+)" }) };
export const aliasName = { Name: str({ min: 1, max: 128, pattern: "(?!^[0-9]+$)([a-zA-Z0-9-_]+)" }) };
export const versionPattern = "(\\$LATEST(\\.PUBLISHED)?|[0-9]+)";
export const functionVersion = str({ min: 1, max: 1024, pattern: versionPattern });
export const description = optional(str({ min: 0, max: 256 }));
export const revisionId = { RevisionId: optional(str()) };
/** Where pages are of 50 rows at most by the model, too. */
export const shortPaging = { Marker: optional(str()), MaxItems: optional(queryInt({ min: 1, max: 50 })) };
export const paging = { Marker: optional(str()), MaxItems: optional(queryInt({ min: 1, max: 10_000 })) };

export const architectures = optional(enumList(["x86_64", "arm64"], { min: 1, max: 1 }));
const tagKey = { min: 1, max: 128, pattern: tagPattern };
export const tagKeys = list(tagKey);
export const tags = map(tagKey, { min: 0, max: 256, pattern: tagPattern });

const loggingConfig = structure({
  LogFormat: optional(oneOf("JSON", "Text")),
  ApplicationLogLevel: optional(oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")),
  SystemLogLevel: optional(oneOf("DEBUG", "INFO", "WARN")),
  LogGroup: optional(str({ min: 1, max: 512, pattern: "[\\.\\-_/#A-Za-z0-9]+" })),
});

const rolePattern = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
export const role = str({ min: 0, max: 10_000, pattern: rolePattern });

/** What CreateFunction and UpdateFunctionConfiguration share. */
export const configurationMembers = {
  Runtime: optional(str({ max: 128 })),
  Handler: optional(str(functionLimits.Handler)),
  Description: description,
  Timeout: optional(int(functionLimits.Timeout)),
  MemorySize: optional(int(functionLimits.MemorySize)),
  VpcConfig: optional(
    structure({
      SubnetIds: optional(
        list({ min: 0, max: 1024, pattern: "subnet-[0-9a-z]*" }, { min: 0, max: 16, mayHoldNulls: true }),
      ),
      SecurityGroupIds: optional(
        list({ min: 0, max: 1024, pattern: "sg-[0-9a-zA-Z]*" }, { min: 0, max: 5, mayHoldNulls: true }),
      ),
      Ipv6AllowedForDualStack: optional(bool()),
    }),
  ),
  DeadLetterConfig: optional(
    structure({ TargetArn: optional(str({ min: 0, max: 10_000, pattern: arnOrEmpty })) }),
  ),
  Environment: optional(
    structure({
      Variables: optional(map(functionLimits.variableName, {}, true)),
    }),
  ),
  KMSKeyArn: optional(str({ min: 0, max: 10_000, pattern: arnOrEmpty })),
  TracingConfig: optional(structure({ Mode: optional(oneOf("Active", "PassThrough")) })),
  Layers: optional(list({ min: 1, max: 2048, pattern: layerPattern })),
  EphemeralStorage: optional(structure({ Size: int(functionLimits.EphemeralStorage) })),
  SnapStart: optional(structure({ ApplyOn: optional(oneOf("PublishedVersions", "None")) })),
  LoggingConfig: optional(loggingConfig),
};

export const routingConfig = optional(structure({ AdditionalVersionWeights: optional(weights()) }));
