import type { Clock } from "../model/clock.ts";
import {
  InvalidParameterValueException,
  PreconditionFailedException,
  RequestEntityTooLargeException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import {
  type ArnScope,
  type FunctionReference,
  functionArn,
  parseFunctionReference,
} from "../model/function-arn.ts";
import type { AccountConcurrency } from "./account-concurrency.ts";
import type { Catalog } from "./catalog.ts";
import type { CodeStorage } from "./code-storage.ts";
import type { Deployments } from "./deployments.ts";
import type { LayerCatalog } from "./layer-catalog.ts";
import type { FunctionEntry, VersionRecord } from "./records.ts";
import type { RetiredBundles } from "./retired-bundles.ts";
import type { VersionSnapshots } from "./version-snapshots.ts";

/** What the operations of this folder stand on. */
export class Control {
  readonly scope: ArnScope;
  readonly catalog: Catalog;
  readonly layers: LayerCatalog;
  readonly code: CodeStorage;
  readonly deployments: Deployments;
  readonly snapshots: VersionSnapshots;
  readonly retired: RetiredBundles;
  readonly concurrency: AccountConcurrency;
  readonly clock: Clock;

  constructor(parts: {
    scope: ArnScope;
    catalog: Catalog;
    layers: LayerCatalog;
    code: CodeStorage;
    deployments: Deployments;
    snapshots: VersionSnapshots;
    retired: RetiredBundles;
    concurrency: AccountConcurrency;
    clock: Clock;
  }) {
    this.scope = parts.scope;
    this.catalog = parts.catalog;
    this.layers = parts.layers;
    this.code = parts.code;
    this.deployments = parts.deployments;
    this.snapshots = parts.snapshots;
    this.retired = parts.retired;
    this.concurrency = parts.concurrency;
    this.clock = parts.clock;
  }

  reference(nameOrArn: string, qualifier?: string): FunctionReference {
    return parseFunctionReference(this.scope, nameOrArn, qualifier);
  }

  /** For operations on the function as a whole: a qualifier other than `$LATEST` is refused. */
  unqualified(nameOrArn: string): FunctionReference {
    const reference = this.reference(nameOrArn);
    if (reference.qualifier !== undefined && reference.qualifier !== "$LATEST") {
      throw new InvalidParameterValueException(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
      );
    }
    return reference;
  }

  /** @throws {ResourceNotFoundException} */
  entry(nameOrArn: string): FunctionEntry {
    const { name } = this.reference(nameOrArn);
    const entry = this.catalog.get(name);
    if (entry === undefined) {
      throw new ResourceNotFoundException(`Function not found: ${functionArn(this.scope, name)}`);
    }
    return entry;
  }
}

/** @throws {ResourceConflictException} It is being created or updated. */
export function requireSettled(version: VersionRecord, arn: string): void {
  if (version.state === "Pending") {
    throw new ResourceConflictException(
      `The operation cannot be performed at this time. The function is currently in the following state: ${version.state}`,
    );
  }
  if (version.lastUpdateStatus === "InProgress") {
    throw new ResourceConflictException(
      `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`,
    );
  }
}

/** @throws {PreconditionFailedException} The caller changes something else than what it has read. */
export function checkRevision(given: string | undefined, actual: string, api: string): void {
  if (given !== undefined && given !== actual) {
    throw new PreconditionFailedException(
      `The Revision Id provided does not match the latest Revision Id. Call the ${api} API to retrieve the latest Revision Id`,
    );
  }
}

const zippedBytes = 52_428_800;

/** @throws {RequestEntityTooLargeException} Of a function's code, or a layer's. */
export function checkZippedSize(zip: Uint8Array): void {
  if (zip.byteLength > zippedBytes) {
    throw new RequestEntityTooLargeException(`Zipped size must be smaller than ${zippedBytes} bytes`);
  }
}
