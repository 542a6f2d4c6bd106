import type { EnvironmentCounts, StartRecord } from "../model/starts.ts";
import type { StartStrategy } from "../model/version.ts";
import type { SnapshotState } from "../snapstart/index.ts";
import type { ApiClient } from "./api-client.ts";
import { CliError } from "./cli-error.ts";
import { type FunctionConfiguration, findFunction, isMissing, withSuggestion } from "./lambda-api.ts";

/** What the server tells of a version's snapshot. */
export type SnapshotAnswer = SnapshotState & { readonly version: string };

/** What it tells of how a version starts. */
export interface StartsAnswer {
  readonly version: string;
  /** Absent, as `environments`, while the version has no bundle. */
  readonly wanted?: StartStrategy;
  readonly environments?: EnvironmentCounts;
  /** The newest first. */
  readonly starts: readonly StartRecord[];
}

/** One version of a function, as the user names it: `NAME[:QUALIFIER]`, or an ARN. */
export class Target {
  readonly name: string;
  readonly qualifier: string | undefined;

  constructor(text: string) {
    const parts = text.split(":");
    // Of an ARN, what is left after `function:` and the name.
    const nameParts = text.startsWith("arn:") ? 7 : 1;
    this.name = parts.slice(0, nameParts).join(":");
    this.qualifier = parts.length > nameParts ? parts.slice(nameParts).join(":") : undefined;
  }

  get text(): string {
    return this.qualifier === undefined ? this.name : `${this.name}:${this.qualifier}`;
  }

  /** The qualifier, when it can only be an alias's name. */
  get alias(): string | undefined {
    const { qualifier } = this;
    return qualifier === undefined || /^(?:\d+|\$LATEST)$/.test(qualifier) ? undefined : qualifier;
  }

  async configuration(client: ApiClient): Promise<FunctionConfiguration> {
    return await client.json({
      method: "GET",
      path: `/2015-03-31/functions/${encodeURIComponent(this.name)}/configuration`,
      query: { Qualifier: this.qualifier },
    });
  }

  async snapshot(client: ApiClient): Promise<SnapshotAnswer> {
    return await client.json(this.#coldStarts("snapshot"));
  }

  async starts(client: ApiClient): Promise<StartsAnswer> {
    return await client.json(this.#coldStarts("starts"));
  }

  /** An error as the user should read it: what of the target is not there. */
  async explain(error: unknown, client: ApiClient): Promise<unknown> {
    if (isMissing(error) && this.qualifier !== undefined && (await findFunction(client, this.name))) {
      return new CliError(`it has no version or alias "${this.qualifier}"`, { cause: error });
    }
    return await withSuggestion(error, client, this.name);
  }

  #coldStarts(what: "snapshot" | "starts") {
    return {
      method: "GET",
      path: `/_brisk/functions/${encodeURIComponent(this.name)}/${what}`,
      query: { qualifier: this.qualifier },
    } as const;
  }
}
