import { randomUUID } from "node:crypto";
import {
  InvalidParameterValueException,
  LambdaServiceException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { type FunctionReference, functionArn } from "../model/function-arn.ts";
import { type PolicyStatement, policyDocument, toStatement } from "../model/resource-policy.ts";
import { type Control, checkRevision } from "./control.ts";
import { type FunctionEntry, latest, type PolicyRecord } from "./records.ts";

export interface AddPermissionInput {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
  readonly StatementId: string;
  readonly Action: string;
  readonly Principal: string;
  readonly SourceArn?: string | undefined;
  readonly SourceAccount?: string | undefined;
  readonly EventSourceToken?: string | undefined;
  readonly PrincipalOrgID?: string | undefined;
  readonly FunctionUrlAuthType?: "NONE" | "AWS_IAM" | undefined;
  readonly InvokedViaFunctionUrl?: boolean | undefined;
  readonly RevisionId?: string | undefined;
}

export interface RemovePermissionInput {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
  readonly StatementId: string;
  readonly RevisionId?: string | undefined;
}

const policyBytes = 20_480;

/** Resource policies: one for a function, and one for each version and alias. */
export class Permissions {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async add(input: AddPermissionInput): Promise<PolicyStatement> {
    const { catalog, scope } = this.#control;
    const reference = this.#control.reference(input.FunctionName, input.Qualifier);
    return catalog.exclusive(reference.name, async () => {
      const entry = this.#requireTarget(reference);
      const before = entry.policies.get(reference.qualifier ?? "");
      checkPolicyRevision(input.RevisionId, before);
      const statement = toStatement(
        {
          statementId: input.StatementId,
          action: input.Action,
          principal: input.Principal,
          sourceArn: input.SourceArn,
          sourceAccount: input.SourceAccount,
          eventSourceToken: input.EventSourceToken,
          principalOrgId: input.PrincipalOrgID,
          functionUrlAuthType: input.FunctionUrlAuthType,
          invokedViaFunctionUrl: input.InvokedViaFunctionUrl,
        },
        functionArn(scope, reference.name, reference.qualifier),
      );
      const statements = addStatement(before?.statements ?? [], statement);
      await catalog.commit([{ policy: policyOf(reference, statements) }]);
      return statements.at(-1)!;
    });
  }

  get(functionName: string, qualifier?: string): PolicyRecord {
    const reference = this.#control.reference(functionName, qualifier);
    const policy = this.#control.catalog.get(reference.name)?.policies.get(reference.qualifier ?? "");
    if (policy === undefined) {
      throw new ResourceNotFoundException("The resource you requested does not exist.");
    }
    return policy;
  }

  async remove(input: RemovePermissionInput): Promise<void> {
    const { catalog, scope } = this.#control;
    const reference = this.#control.reference(input.FunctionName, input.Qualifier);
    const { name, qualifier } = reference;
    await catalog.exclusive(name, async () => {
      const entry = catalog.get(name);
      if (entry === undefined) {
        throw new ResourceNotFoundException(`No policy found for: ${functionArn(scope, name)}`);
      }
      const before = entry.policies.get(qualifier ?? "");
      const statements = removeStatement(before?.statements, input.StatementId);
      checkPolicyRevision(input.RevisionId, before);
      await catalog.commit([
        statements.length === 0
          ? { policy: before!, remove: true }
          : { policy: policyOf(reference, statements) },
      ]);
    });
  }

  #requireTarget({ name, qualifier }: FunctionReference): FunctionEntry {
    if (qualifier === latest) {
      throw new InvalidParameterValueException("We currently do not support adding policies for $LATEST.");
    }
    const entry = this.#control.entry(name);
    if (qualifier !== undefined && !entry.aliases.has(qualifier) && !entry.versions.has(qualifier)) {
      const arn = functionArn(this.#control.scope, name, qualifier);
      throw new ResourceNotFoundException(`Function not found: ${arn}`);
    }
    return entry;
  }
}

/**
 * The statements of a policy with one more; `statement` is what a permission became.
 * @throws {InvalidParameterValueException} It has no principal that is one.
 * @throws {ResourceConflictException} There is one of that id.
 * @throws {LambdaServiceException} The policy would be too long.
 */
export function addStatement(
  before: readonly PolicyStatement[],
  statement: PolicyStatement | undefined,
): readonly PolicyStatement[] {
  if (statement === undefined) {
    throw new InvalidParameterValueException(
      "The provided principal was invalid. Please check the principal and try again.",
    );
  }
  if (before.some(({ Sid }) => Sid === statement.Sid)) {
    throw new ResourceConflictException(
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  const statements = [...before, statement];
  const size = Buffer.byteLength(policyDocument(statements));
  if (size > policyBytes) {
    throw new LambdaServiceException(
      "PolicyLengthExceededException",
      400,
      "client",
      `The final policy size (${size}) is bigger than the limit (${policyBytes}).`,
    );
  }
  return statements;
}

/**
 * The statements of a policy without one.
 * @param before undefined: there is no policy.
 * @throws {ResourceNotFoundException} There is no policy, or no such statement.
 */
export function removeStatement(
  before: readonly PolicyStatement[] | undefined,
  statementId: string,
): readonly PolicyStatement[] {
  if (before === undefined) {
    throw new ResourceNotFoundException("No policy is associated with the given resource.");
  }
  const statements = before.filter(({ Sid }) => Sid !== statementId);
  if (statements.length === before.length) {
    throw new ResourceNotFoundException(`Statement ${statementId} is not found in resource policy.`);
  }
  return statements;
}

function policyOf(
  { name, qualifier }: FunctionReference,
  statements: readonly PolicyStatement[],
): PolicyRecord {
  return {
    functionName: name,
    ...(qualifier !== undefined && { qualifier }),
    statements,
    revisionId: randomUUID(),
  };
}

function checkPolicyRevision(given: string | undefined, policy: PolicyRecord | undefined): void {
  checkRevision(given, policy?.revisionId ?? "", "GetPolicy");
}
