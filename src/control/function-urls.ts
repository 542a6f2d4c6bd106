import { randomInt } from "node:crypto";
import { ResourceConflictException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Cors } from "../model/functions.ts";
import type { Control } from "./control.ts";
import type { FunctionUrlRecord } from "./records.ts";
import { requireNoTenants } from "./tenants.ts";

export interface FunctionUrlInput {
  readonly FunctionName: string;
  /** An alias; absent: `$LATEST`. */
  readonly Qualifier?: string | undefined;
  readonly AuthType?: "NONE" | "AWS_IAM" | undefined;
  readonly Cors?: Cors | undefined;
  readonly InvokeMode?: "BUFFERED" | "RESPONSE_STREAM" | undefined;
}

/** Function URLs: at most one for `$LATEST` and one for each alias. */
export class FunctionUrls {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async create(
    input: FunctionUrlInput & { readonly AuthType: "NONE" | "AWS_IAM" },
  ): Promise<FunctionUrlRecord> {
    const { catalog, clock, scope } = this.#control;
    const { name, qualifier: alias } = this.#control.reference(input.FunctionName, input.Qualifier);
    return catalog.exclusive(name, async () => {
      const entry = catalog.get(name);
      if (entry === undefined || (alias !== undefined && !entry.aliases.has(alias))) {
        throw new ResourceNotFoundException("Function does not exist");
      }
      requireNoTenants(entry, "A function URL");
      if (entry.urls.has(alias ?? "")) {
        const arn = functionArn(scope, name, alias);
        throw new ResourceConflictException(
          `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
        );
      }
      const nowMs = clock.now();
      const url: FunctionUrlRecord = {
        urlId: newUrlId(),
        functionName: name,
        ...(alias !== undefined && { alias }),
        authType: input.AuthType,
        invokeMode: input.InvokeMode ?? "BUFFERED",
        ...(input.Cors !== undefined && { cors: input.Cors }),
        createdMs: nowMs,
        lastModifiedMs: nowMs,
      };
      await catalog.commit([{ url }]);
      return url;
    });
  }

  get(functionName: string, qualifier?: string): FunctionUrlRecord {
    const { name, qualifier: alias } = this.#control.reference(functionName, qualifier);
    const url = this.#control.catalog.get(name)?.urls.get(alias ?? "");
    if (url === undefined) {
      throw new ResourceNotFoundException("The resource you requested does not exist.");
    }
    return url;
  }

  /** A given `Cors` replaces the whole; an empty one clears it. */
  async update(input: FunctionUrlInput): Promise<FunctionUrlRecord> {
    const { catalog, clock } = this.#control;
    const { name } = this.#control.reference(input.FunctionName, input.Qualifier);
    return catalog.exclusive(name, async () => {
      const { cors: corsBefore, ...before } = this.get(input.FunctionName, input.Qualifier);
      const cors = input.Cors ?? corsBefore;
      const url: FunctionUrlRecord = {
        ...before,
        authType: input.AuthType ?? before.authType,
        invokeMode: input.InvokeMode ?? before.invokeMode,
        ...(cors !== undefined && Object.keys(cors).length > 0 && { cors }),
        lastModifiedMs: clock.now(),
      };
      await catalog.commit([{ url }]);
      return url;
    });
  }

  async delete(functionName: string, qualifier?: string): Promise<void> {
    const { catalog } = this.#control;
    const { name } = this.#control.reference(functionName, qualifier);
    await catalog.exclusive(name, async () => {
      await catalog.commit([{ url: this.get(functionName, qualifier), remove: true }]);
    });
  }

  /** The function's own first, then by alias. */
  list(functionName: string): readonly FunctionUrlRecord[] {
    const { name } = this.#control.reference(functionName);
    const entry = this.#control.catalog.get(name);
    if (entry === undefined) throw new ResourceNotFoundException("Function does not exist");
    return [...entry.urls.values()].sort((a, b) => ((a.alias ?? "") < (b.alias ?? "") ? -1 : 1));
  }
}

const urlIdLength = 32;
const urlIdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 165 random bits: never given twice, and not to be guessed. */
function newUrlId(): string {
  return Array.from({ length: urlIdLength }, () => urlIdAlphabet[randomInt(urlIdAlphabet.length)]).join("");
}
