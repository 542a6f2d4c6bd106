import type { ArnScope } from "./function-arn.ts";

/** A layer, or a version of one, as a request names it. */
export interface LayerReference extends ArnScope {
  readonly name: string;
  /** From an ARN that ends with one. */
  readonly version: number | undefined;
}

const arnForm =
  /^arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z0-9-]+):(?<accountId>\d{12}):layer:(?<name>[a-zA-Z0-9-_]+)(?::(?<version>\d+))?$/;
const nameForm = /^[a-zA-Z0-9-_]+$/;

/**
 * Reads a layer's name, its ARN, or the ARN of a version of it.
 * @returns undefined for what is none of them. AWS's own layers (`:::awslayer:`) are not in anybody's account.
 */
export function parseLayerReference(scope: ArnScope, nameOrArn: string): LayerReference | undefined {
  if (nameForm.test(nameOrArn)) return { ...scope, name: nameOrArn, version: undefined };
  const parts = arnForm.exec(nameOrArn)?.groups;
  if (parts === undefined) return undefined;
  const { region = "", accountId = "", name = "", version } = parts;
  return { region, accountId, name, version: version === undefined ? undefined : Number(version) };
}

export function layerArn({ region, accountId }: ArnScope, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:layer:${name}`;
}

export function layerVersionArn(scope: ArnScope, name: string, version: number): string {
  return `${layerArn(scope, name)}:${version}`;
}
