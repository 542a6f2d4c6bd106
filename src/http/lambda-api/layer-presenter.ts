import type { LayerVersionRecord, ListedLayer } from "../../control/index.ts";
import type { ArnScope } from "../../model/function-arn.ts";
import { layerArn, layerVersionArn } from "../../model/layer-arn.ts";
import type { OperationContext } from "./operation.ts";
import { lambdaDate } from "./presenter.ts";

/** A layer version, with a link to its zip. Members that were never given are undefined. */
export function presentLayerVersion(
  { functions, codeLinks, origin }: OperationContext,
  record: LayerVersionRecord,
) {
  const { scope } = functions;
  const { code, layerName } = record;
  return {
    Content: {
      CodeSha256: Buffer.from(code.hash, "hex").toString("base64"),
      CodeSize: code.bytes,
      Location: codeLinks.sign(origin, code.hash),
    },
    LayerArn: layerArn(scope, layerName),
    ...listedLayerVersion(scope, record),
  };
}

/** As lists have it: without content. */
export function listedLayerVersion(scope: ArnScope, record: LayerVersionRecord) {
  return {
    LayerVersionArn: layerVersionArn(scope, record.layerName, record.version),
    Description: record.description,
    CreatedDate: lambdaDate(record.createdMs),
    Version: record.version,
    CompatibleRuntimes: record.compatibleRuntimes,
    CompatibleArchitectures: record.compatibleArchitectures,
    LicenseInfo: record.licenseInfo,
  };
}

export function listedLayer(scope: ArnScope, { name, latest }: ListedLayer) {
  return {
    LayerName: name,
    LayerArn: layerArn(scope, name),
    LatestMatchingVersion: listedLayerVersion(scope, latest),
  };
}
