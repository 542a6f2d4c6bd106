import type { FunctionService } from "../control/index.ts";
import { layerVersionArn } from "../model/layer-arn.ts";
import { type PackageInput, packageOf } from "./package-input.ts";

export interface PublishLayerInput extends PackageInput {
  readonly name: string;
  readonly description?: string;
}

/** What was published. */
export interface PublishedLayer {
  /** Of the version: what `layers` of a deployment takes. */
  readonly arn: string;
  readonly version: number;
}

/** @throws {LambdaServiceException} What the API would have answered. */
export async function publishLayer(
  functions: FunctionService,
  input: PublishLayerInput,
): Promise<PublishedLayer> {
  const { version } = await functions.layers.publish({
    LayerName: input.name,
    Content: { ZipFile: await packageOf(input) },
    Description: input.description,
  });
  return { arn: layerVersionArn(functions.scope, input.name, version), version };
}
