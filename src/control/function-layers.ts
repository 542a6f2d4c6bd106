import { InvalidParameterValueException } from "../model/errors.ts";
import type { ArnScope } from "../model/function-arn.ts";
import { layerArn, layerVersionArn, parseLayerReference } from "../model/layer-arn.ts";
import type { LayerCatalog } from "./layer-catalog.ts";
import { foreignLayer } from "./layers.ts";
import type { LayerUse } from "./records.ts";

const mostLayers = 5;

/**
 * The layer versions that a function is to have, in its order (spec: layers-versions-aliases.md, section 3).
 * @throws {InvalidParameterValueException} Too many, of another region, not there, or twice the same layer.
 * @throws {AccessDeniedException} Of another account.
 */
export function resolveLayers(
  scope: ArnScope,
  layers: LayerCatalog,
  arns: readonly string[],
): readonly LayerUse[] {
  if (arns.length > mostLayers) {
    throw new InvalidParameterValueException(`Cannot reference more than ${mostLayers} layers.`);
  }
  const uses = new Map<string, LayerUse>();
  for (const arn of arns) {
    const missing = () => new InvalidParameterValueException(`Layer version ${arn} does not exist.`);
    const reference = parseLayerReference(scope, arn);
    if (reference?.version === undefined) throw missing();
    const { name, version, region, accountId } = reference;
    if (region !== scope.region) {
      throw new InvalidParameterValueException(
        `Layers are not in the same region as the function. Layers are expected to be in region ${scope.region}.`,
      );
    }
    if (accountId !== scope.accountId) throw foreignLayer(scope.accountId, "GetLayerVersion", arn);
    const found = layers.get(name)?.versions.get(version);
    if (found === undefined) throw missing();
    const own = layerVersionArn(scope, name, version);
    const other = uses.get(layerArn(scope, name));
    if (other !== undefined) {
      throw new InvalidParameterValueException(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other.arn} and ${own} are versions of the same layer.`,
      );
    }
    uses.set(layerArn(scope, name), { arn: own, code: found.code });
  }
  return [...uses.values()];
}
