import { z } from "zod";
import { layerPattern } from "./members.ts";
import { blob, type ConstraintIssue, limitsOf, oneOf, optional, queryInt, str, structure } from "./shapes.ts";

const namePattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+";

export const layerName = { LayerName: str({ min: 1, max: 140, pattern: namePattern }) };
/** Below 1 is for the operation to refuse: so it was recorded. */
export const versionNumber = { VersionNumber: queryInt({}) };
export const layerVersionArn = str({ min: 1, max: 2048, pattern: layerPattern });
export const layerPrincipal = str({
  min: 0,
  max: 10_000,
  pattern: "\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root",
});
export const organizationId = optional(str({ min: 0, max: 34, pattern: "o-[a-z0-9]{10,32}" }));
export const licenseInfo = optional(str({ min: 0, max: 512 }));

export const layerContent = structure({
  S3Bucket: optional(str({ min: 3, max: 63, pattern: "[0-9A-Za-z\\.\\-_]*(?<!\\.)" })),
  S3Key: optional(str({ min: 1, max: 1024 })),
  S3ObjectVersion: optional(str({ min: 1, max: 1024 })),
  S3ObjectStorageMode: optional(oneOf("COPY", "REFERENCE")),
  ZipFile: optional(blob()),
});

/** The model's; a layer may name any of them, whatever runs here. */
const runtimes =
  "nodejs nodejs4.3 nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x nodejs18.x nodejs20.x nodejs22.x nodejs24.x nodejs26.x nodejs4.3-edge java8 java8.al2 java8.al2023 java11 java11.al2023 java17 java17.al2023 java21 java25 python2.7 python3.6 python3.7 python3.8 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 python3.15 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet6 dotnet8 dotnet10 go1.x ruby2.5 ruby2.7 ruby3.2 ruby3.3 ruby3.4 ruby4.0 provided provided.al2 provided.al2023".split(
    " ",
  );
// What refusals name, recorded: neither is what AWS takes.
const publishedSet =
  "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";
const filteredSet =
  "ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, python3.14, nodejs16.x, python3.15, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, ruby2.5, python3.6, python2.7";
const mostRuntimes = 15;

/** Unlike other lists' items, an unknown one breaks the list itself: so it was recorded. */
export const compatibleRuntimes = optional(
  z
    .array(z.string())
    .superRefine((items, context) => {
      if (items.length > mostRuntimes) {
        context.addIssue(constraint(`Member must have length less than or equal to ${mostRuntimes}`));
      }
      if (items.some((runtime) => !runtimes.includes(runtime))) {
        context.addIssue(constraint(`Member must satisfy enum value set: [${publishedSet}]`));
      }
    })
    .register(limitsOf, { kind: "list", item: { kind: "enum", values: runtimes }, max: mostRuntimes }),
);

export const compatibleRuntime = optional(
  z
    .string()
    .superRefine((runtime, context) => {
      if (runtimes.includes(runtime) || filteredSet.split(", ").includes(runtime)) return;
      context.addIssue(constraint(`Member must satisfy enum value set: [${filteredSet}]`));
    })
    .register(limitsOf, { kind: "enum", values: runtimes }),
);

function constraint(text: string) {
  const params = { constraint: text, sensitive: false } satisfies ConstraintIssue;
  return { code: "custom", params } as const;
}
