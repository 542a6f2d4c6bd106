import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { InvalidParameterValueException, ResourceConflictException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Edit } from "./catalog.ts";
import { type Control, checkRevision, requireSettled } from "./control.ts";
import { refusePublishTo } from "./function-input.ts";
import { latest, type VersionRecord } from "./records.ts";
import { awaitingSnapshot, published } from "./version-states.ts";

export interface PublishVersionInput {
  readonly FunctionName: string;
  readonly CodeSha256?: string | undefined;
  readonly Description?: string | undefined;
  readonly RevisionId?: string | undefined;
  readonly PublishTo?: "LATEST_PUBLISHED" | undefined;
}

/** Published versions: immutable copies of `$LATEST`. */
export class Versions {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** @returns The new version, or the last published one when nothing changed since. */
  async publish(input: PublishVersionInput): Promise<VersionRecord> {
    const { catalog, clock, scope, snapshots } = this.#control;
    const { name } = this.#control.unqualified(input.FunctionName);
    refusePublishTo(input);
    return catalog.exclusive(name, async () => {
      const entry = this.#control.entry(name);
      const source = entry.versions.get(latest)!;
      requireSettled(source, functionArn(scope, name));
      if (source.serving === undefined || source.lastUpdateStatus === "Failed") {
        throw new ResourceConflictException(
          "The operation cannot be performed at this time. The function is currently in the following state: Failed",
        );
      }
      const actualSha256 = Buffer.from(source.code.hash, "hex").toString("base64");
      if (input.CodeSha256 !== undefined && input.CodeSha256 !== "" && input.CodeSha256 !== actualSha256) {
        throw new InvalidParameterValueException(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${actualSha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      }
      checkRevision(input.RevisionId, source.revisionId, "GetFunction/GetAlias");
      const last = entry.versions.get(String(entry.record.lastVersion));
      if (last !== undefined && samePublication(last, source)) return last;
      const lastVersion = entry.record.lastVersion + 1;
      const description = input.Description ?? source.configuration.description;
      const made = published(source, source.serving, String(lastVersion), description, clock.now());
      const version = snapshots.isAwaited(made) ? awaitingSnapshot(made) : made;
      const edits: Edit[] = [
        { function: { ...entry.record, lastVersion } },
        { version },
        { version: { ...source, revisionId: randomUUID() } },
      ];
      await catalog.commit(edits);
      snapshots.follow(version);
      return version;
    });
  }

  /** `$LATEST`, then ascending numbers. */
  list(functionName: string): readonly VersionRecord[] {
    return inOrder(this.#control.entry(functionName).versions.values());
  }
}

export function inOrder(versions: Iterable<VersionRecord>): readonly VersionRecord[] {
  return [...versions].sort((a, b) => versionRank(a.version) - versionRank(b.version));
}

/** `$LATEST` goes before the numbers. */
export function versionRank(version: string): number {
  return version === latest ? 0 : Number(version);
}

/** Whether publishing `source` would make a version that differs from `last` in nothing but its own description. */
export function samePublication(last: VersionRecord, source: VersionRecord): boolean {
  return (
    last.serving !== undefined &&
    last.code.hash === source.code.hash &&
    isDeepStrictEqual(last.serving.configuration, source.configuration)
  );
}
