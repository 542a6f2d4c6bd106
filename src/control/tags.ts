import { randomUUID } from "node:crypto";
import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Edit } from "./catalog.ts";
import type { CodeSigning } from "./code-signing.ts";
import { checkTags } from "./configuration-rules.ts";
import type { Control } from "./control.ts";
import type { EventSourceMappings } from "./event-source-mappings.ts";
import { type FunctionEntry, isUnsettled, latest } from "./records.ts";

export type TagMap = Readonly<Record<string, string>>;

/** Kinds that the API's ARN pattern admits and that none of exist here, in the words that AWS has for it. */
const absentKinds: Readonly<Record<string, (arn: string) => string>> = {
  "capacity-provider": (arn) => `Capacity provider not found: ${arn}`,
  "network-connector": (arn) => `Network connector not found: ${arn}`,
};

/** Tags of functions, event source mappings and code signing configurations; versions and aliases have none of their own. */
export class Tags {
  readonly #control: Control;
  readonly #codeSigning: CodeSigning;
  readonly #eventSourceMappings: EventSourceMappings;

  constructor(control: Control, codeSigning: CodeSigning, eventSourceMappings: EventSourceMappings) {
    this.#control = control;
    this.#codeSigning = codeSigning;
    this.#eventSourceMappings = eventSourceMappings;
  }

  list(resource: string): TagMap {
    if (kindOf(resource) === "code-signing-config") return this.#codeSigning.get(resource).tags;
    if (kindOf(resource) === "event-source-mapping") return this.#eventSourceMappings.tags(resource);
    return this.#entry(resource).record.tags;
  }

  /** As `list`, but undefined for what is not there. A version or alias has its function's. */
  find(resource: string): TagMap | undefined {
    try {
      if (kindOf(resource) !== "function") return this.list(resource);
      return this.#control.catalog.get(this.#control.reference(resource).name)?.record.tags;
    } catch {
      return undefined;
    }
  }

  /** A key that is there already gets the new value. */
  async add(resource: string, tags: TagMap): Promise<void> {
    if (Object.keys(tags).length === 0) {
      throw new InvalidParameterValueException("An error occurred and the request cannot be processed.");
    }
    await this.#change(resource, (before) => ({ ...before, ...tags }));
  }

  /** Keys that are not there are no error. */
  async remove(resource: string, keys: readonly string[]): Promise<void> {
    await this.#change(resource, (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key))),
    );
  }

  async #change(resource: string, change: (before: TagMap) => TagMap): Promise<void> {
    const { catalog } = this.#control;
    if (kindOf(resource) === "code-signing-config") {
      return catalog.exclusive(resource, async () => {
        const before = this.#codeSigning.get(resource);
        const tags = change(before.tags);
        checkTags(tags);
        await catalog.commit([{ codeSigning: { ...before, tags } }]);
      });
    }
    if (kindOf(resource) === "event-source-mapping") {
      return this.#eventSourceMappings.changeTags(resource, change);
    }
    await catalog.exclusive(this.#name(resource), async () => {
      const { record, versions } = this.#entry(resource);
      const tags = change(record.tags);
      checkTags(tags);
      const edits: Edit[] = [{ function: { ...record, tags } }];
      // Recorded: $LATEST's RevisionId is issued anew. One that is unsettled gets its own when it settles, and
      // until then is known by the one it has.
      const version = versions.get(latest)!;
      if (!isUnsettled(version)) edits.push({ version: { ...version, revisionId: randomUUID() } });
      await catalog.commit(edits);
    });
  }

  #name(resource: string): string {
    const absent = absentKinds[kindOf(resource)];
    if (absent !== undefined) throw new ResourceNotFoundException(absent(resource));
    const { name, qualifier } = this.#control.reference(resource);
    if (qualifier !== undefined) {
      throw new InvalidParameterValueException(
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
      );
    }
    return name;
  }

  #entry(resource: string): FunctionEntry {
    const name = this.#name(resource);
    const entry = this.#control.catalog.get(name);
    if (entry !== undefined) return entry;
    throw new ResourceNotFoundException(`Function not found: ${functionArn(this.#control.scope, name)}`);
  }
}

function kindOf(arn: string): string {
  return arn.split(":")[5] ?? "";
}
