import {
  AccessDeniedException,
  InvalidParameterValueException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { layerArn, layerVersionArn, parseLayerReference } from "../model/layer-arn.ts";
import { type Control, checkZippedSize } from "./control.ts";
import { zipOf } from "./function-input.ts";
import type { CodeInput } from "./function-requests.ts";
import type { LayerEntry, LayerVersionRecord } from "./layer-records.ts";

export interface PublishLayerInput {
  readonly LayerName: string;
  readonly Content: CodeInput;
  readonly Description?: string | undefined;
  readonly CompatibleRuntimes?: readonly string[] | undefined;
  readonly CompatibleArchitectures?: readonly ("x86_64" | "arm64")[] | undefined;
  readonly LicenseInfo?: string | undefined;
}

/** Only versions that say that they are compatible with these. */
export interface LayerFilter {
  readonly CompatibleRuntime?: string | undefined;
  readonly CompatibleArchitecture?: string | undefined;
}

/** A layer, and the newest of its versions that a list is about. */
export interface ListedLayer {
  readonly name: string;
  readonly latest: LayerVersionRecord;
}

/** Layers and their versions, which are immutable: published, shown and deleted. */
export class Layers {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** @throws {InvalidParameterValueException} The content is no zip that a function could have. */
  async publish(input: PublishLayerInput): Promise<LayerVersionRecord> {
    const { catalog, clock, code, deployments, layers, scope } = this.#control;
    const { name } = this.reference(input.LayerName, "PublishLayerVersion");
    const zip = zipOf(input.Content, "layer content");
    checkZippedSize(zip);
    using hold = await code.put(zip);
    await deployments.inspect(hold);
    return await catalog.exclusive(layerArn(scope, name), async () => {
      const version = (layers.get(name)?.record.lastVersion ?? 0) + 1;
      const { CompatibleRuntimes, CompatibleArchitectures, LicenseInfo } = input;
      const layerVersion: LayerVersionRecord = {
        layerName: name,
        version,
        code: hold.code,
        description: input.Description ?? "",
        createdMs: clock.now(),
        ...(CompatibleRuntimes !== undefined && { compatibleRuntimes: CompatibleRuntimes }),
        ...(CompatibleArchitectures !== undefined && { compatibleArchitectures: CompatibleArchitectures }),
        ...(LicenseInfo !== undefined && { licenseInfo: LicenseInfo }),
      };
      await layers.commit([{ layer: { name, lastVersion: version } }, { layerVersion }]);
      return layerVersion;
    });
  }

  get(nameOrArn: string, version: number): LayerVersionRecord {
    const reference = this.reference(nameOrArn, "GetLayerVersion", version);
    const found = this.#control.layers.get(reference.name)?.versions.get(version);
    if (found === undefined)
      throw new ResourceNotFoundException("The resource you requested does not exist.");
    return found;
  }

  /** @param arn Of a version. */
  getByArn(arn: string): LayerVersionRecord {
    const version = parseLayerReference(this.#control.scope, arn)?.version;
    if (version === undefined)
      throw new ResourceNotFoundException("The resource you requested does not exist.");
    return this.get(arn, version);
  }

  /** By name; layers without a version that fits are not among them. */
  list(filter: LayerFilter): readonly ListedLayer[] {
    const listed: ListedLayer[] = [];
    for (const entry of this.#control.layers.entries()) {
      const latest = newestFirst(entry).find((version) => fits(version, filter));
      if (latest !== undefined) listed.push({ name: entry.record.name, latest });
    }
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Newest first. Recorded: none, for a layer that does not exist. */
  listVersions(nameOrArn: string, filter: LayerFilter): readonly LayerVersionRecord[] {
    const { name } = this.reference(nameOrArn, "ListLayerVersions");
    const entry = this.#control.layers.get(name);
    return entry === undefined ? [] : newestFirst(entry).filter((version) => fits(version, filter));
  }

  /** Functions that have it keep it. Recorded: one that is not there is no error. */
  async delete(nameOrArn: string, version: number): Promise<void> {
    const { catalog, layers, scope } = this.#control;
    const { name } = this.reference(nameOrArn, "DeleteLayerVersion", version);
    await catalog.exclusive(layerArn(scope, name), async () => {
      const layerVersion = layers.get(name)?.versions.get(version);
      if (layerVersion !== undefined) await layers.commit([{ layerVersion, remove: true }]);
    });
  }

  /**
   * What a request names.
   * @param action Without its service, for the refusal.
   * @throws {InvalidParameterValueException} A version below 1; a layer of another region.
   * @throws {AccessDeniedException} A layer of another account.
   */
  reference(nameOrArn: string, action: string, version?: number): { readonly name: string } {
    const { scope } = this.#control;
    if (version !== undefined && version < 1) {
      throw new InvalidParameterValueException("Layer Version Cannot be less than 1");
    }
    const reference = parseLayerReference(scope, nameOrArn);
    if (reference === undefined) {
      throw new InvalidParameterValueException(
        `Cannot read the layer "${nameOrArn.slice(0, 256)}": it is a name of letters, digits, - and _, or the ARN of a layer`,
      );
    }
    const { name, region, accountId } = reference;
    if (accountId !== scope.accountId) {
      const resource =
        version === undefined ? layerArn(reference, name) : layerVersionArn(reference, name, version);
      throw foreignLayer(scope.accountId, action, resource);
    }
    if (region !== scope.region) {
      throw new InvalidParameterValueException(
        `Cannot reach the layer "${nameOrArn}": it is in the region ${region}, this is ${scope.region}`,
      );
    }
    return { name };
  }
}

/** Other accounts are elsewhere, and none of their policies is known here. */
export function foreignLayer(accountId: string, action: string, resource: string): AccessDeniedException {
  return new AccessDeniedException(
    `User: arn:aws:iam::${accountId}:root is not authorized to perform: lambda:${action} on resource: ${resource} because no resource-based policy allows the lambda:${action} action`,
  );
}

function newestFirst({ versions }: LayerEntry): readonly LayerVersionRecord[] {
  return [...versions.values()].sort((a, b) => b.version - a.version);
}

function fits(
  version: LayerVersionRecord,
  { CompatibleRuntime, CompatibleArchitecture }: LayerFilter,
): boolean {
  const { compatibleRuntimes = [], compatibleArchitectures = [] } = version;
  return (
    (CompatibleRuntime === undefined || compatibleRuntimes.includes(CompatibleRuntime)) &&
    (CompatibleArchitecture === undefined ||
      (compatibleArchitectures as readonly string[]).includes(CompatibleArchitecture))
  );
}
