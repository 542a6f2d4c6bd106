import { randomInt } from "node:crypto";
import {
  CodeSigningConfigNotFoundException,
  LambdaServiceException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import type { ArnScope } from "../model/function-arn.ts";
import { checkTags } from "./configuration-rules.ts";
import type { Control } from "./control.ts";
import type { CodeSigningRecord } from "./records.ts";

export interface CodeSigningInput {
  readonly Description?: string | undefined;
  readonly AllowedPublishers?: { readonly SigningProfileVersionArns: readonly string[] } | undefined;
  readonly CodeSigningPolicies?:
    | { readonly UntrustedArtifactOnDeployment?: "Warn" | "Enforce" | undefined }
    | undefined;
}

/**
 * Who has to have signed a function's code. Signatures cannot be checked here, so that all code is untrusted:
 * Warn lets it pass, as it does on AWS, and Enforce lets nothing pass.
 */
export class CodeSigning {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async create(
    input: CodeSigningInput & {
      readonly AllowedPublishers: NonNullable<CodeSigningInput["AllowedPublishers"]>;
      readonly Tags?: Readonly<Record<string, string>> | undefined;
    },
  ): Promise<CodeSigningRecord> {
    const { catalog, clock, scope } = this.#control;
    checkTags(input.Tags ?? {});
    const codeSigning: CodeSigningRecord = {
      arn: newArn(scope),
      ...(input.Description !== undefined && { description: input.Description }),
      publishers: input.AllowedPublishers.SigningProfileVersionArns,
      untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? "Warn",
      tags: input.Tags ?? {},
      lastModifiedMs: clock.now(),
    };
    await catalog.exclusive(codeSigning.arn, () => catalog.commit([{ codeSigning }]));
    return codeSigning;
  }

  get(arn: string): CodeSigningRecord {
    const record = this.#control.catalog.codeSigning(arn);
    if (record !== undefined) return record;
    // Recorded: without a `Type`.
    throw new ResourceNotFoundException(`The Lambda code signing configuration ${arn} can not be found.`, {
      hasType: false,
    });
  }

  /** What is not given stays. */
  async update(arn: string, input: CodeSigningInput): Promise<CodeSigningRecord> {
    const { catalog, clock } = this.#control;
    return catalog.exclusive(arn, async () => {
      const before = this.get(arn);
      const codeSigning: CodeSigningRecord = {
        ...before,
        ...(input.Description !== undefined && { description: input.Description }),
        publishers: input.AllowedPublishers?.SigningProfileVersionArns ?? before.publishers,
        untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? before.untrusted,
        lastModifiedMs: clock.now(),
      };
      await catalog.commit([{ codeSigning }]);
      return codeSigning;
    });
  }

  async delete(arn: string): Promise<void> {
    const { catalog } = this.#control;
    await catalog.exclusive(arn, async () => {
      const codeSigning = this.get(arn);
      const [user] = this.functionsOf(arn);
      if (user !== undefined) {
        throw new ResourceConflictException(
          `Cannot delete the code signing configuration ${arn}: the function ${user} uses it`,
        );
      }
      await catalog.commit([{ codeSigning, remove: true }]);
    });
  }

  /** By ARN. */
  list(): readonly CodeSigningRecord[] {
    return [...this.#control.catalog.codeSigningConfigs()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /** Names of the functions that have it, sorted. */
  functionsOf(arn: string): readonly string[] {
    this.get(arn);
    return [...this.#control.catalog.entries()]
      .filter(({ record }) => record.codeSigningConfigArn === arn)
      .map(({ record }) => record.name)
      .sort();
  }

  /** The function, and its configuration if it has one. */
  ofFunction(functionName: string): { readonly name: string; readonly arn: string | undefined } {
    const { name } = this.#control.unqualified(functionName);
    return { name, arn: this.#control.entry(name).record.codeSigningConfigArn };
  }

  /** The code that is there already stays. Recorded: an absent configuration is told before an absent function. */
  async attach(functionName: string, arn: string): Promise<string> {
    const { catalog } = this.#control;
    const { name } = this.#control.unqualified(functionName);
    return this.attaching(arn, async () => {
      await catalog.exclusive(name, async () => {
        const { record } = this.#control.entry(name);
        await catalog.commit([{ function: { ...record, codeSigningConfigArn: arn } }]);
      });
      return name;
    });
  }

  /** Nothing to detach is no error. */
  async detach(functionName: string): Promise<void> {
    const { catalog } = this.#control;
    const { name } = this.#control.unqualified(functionName);
    await catalog.exclusive(name, async () => {
      const { codeSigningConfigArn, ...record } = this.#control.entry(name).record;
      if (codeSigningConfigArn !== undefined) await catalog.commit([{ function: record }]);
    });
  }

  /** Runs what makes a function have the configuration, which is not deleted meanwhile. */
  async attaching<T>(arn: string, attach: () => Promise<T>): Promise<T> {
    return this.#control.catalog.exclusive(arn, async () => {
      if (this.#control.catalog.codeSigning(arn) === undefined) {
        throw new CodeSigningConfigNotFoundException(arn);
      }
      return attach();
    });
  }

  /** @throws {LambdaServiceException} The function's configuration wants code whose signature was checked. */
  requireDeployable(functionName: string, arn: string | undefined): void {
    if (arn === undefined || this.#control.catalog.codeSigning(arn)?.untrusted !== "Enforce") return;
    throw new LambdaServiceException(
      "CodeVerificationFailedException",
      400,
      "client",
      `Cannot deploy code of "${functionName}": its code signing configuration ${arn} is set to Enforce, and Brisk cannot check signatures`,
      { messageMember: "Message" },
    );
  }
}

export function codeSigningId(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

const idLength = 17;
const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

function newArn({ region, accountId }: ArnScope): string {
  const id = Array.from({ length: idLength }, () => idAlphabet[randomInt(idAlphabet.length)]).join("");
  return `arn:aws:lambda:${region}:${accountId}:code-signing-config:csc-${id}`;
}
