import { randomUUID } from "node:crypto";
import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { layerArn, layerVersionArn } from "../model/layer-arn.ts";
import { type PolicyStatement, toStatement } from "../model/resource-policy.ts";
import { type Control, checkRevision } from "./control.ts";
import type { LayerPolicy, LayerVersionRecord } from "./layer-records.ts";
import type { Layers } from "./layers.ts";
import { addStatement, removeStatement } from "./permissions.ts";

export interface AddLayerPermissionInput {
  readonly LayerName: string;
  readonly VersionNumber: number;
  readonly StatementId: string;
  readonly Action: string;
  readonly Principal: string;
  readonly OrganizationId?: string | undefined;
  readonly RevisionId?: string | undefined;
}

export interface RemoveLayerPermissionInput {
  readonly LayerName: string;
  readonly VersionNumber: number;
  readonly StatementId: string;
  readonly RevisionId?: string | undefined;
}

/** Resource policies of layer versions: which other accounts may use them. They go with their version. */
export class LayerPermissions {
  readonly #control: Control;
  readonly #layers: Layers;

  constructor(control: Control, layers: Layers) {
    this.#control = control;
    this.#layers = layers;
  }

  async add(
    input: AddLayerPermissionInput,
  ): Promise<{ readonly statement: PolicyStatement; readonly revisionId: string }> {
    const { StatementId, Action, Principal, OrganizationId, RevisionId } = input;
    if (OrganizationId !== undefined && Principal !== "*") {
      throw new InvalidParameterValueException(
        `Cannot add the permission "${StatementId}": OrganizationId needs the Principal "*", not "${Principal}"`,
      );
    }
    return this.#changing(
      input.LayerName,
      input.VersionNumber,
      "AddLayerVersionPermission",
      async (before) => {
        const permission = { statementId: StatementId, action: Action, principal: Principal };
        const statement = toStatement(
          { ...permission, principalOrgId: OrganizationId },
          layerVersionArn(this.#control.scope, before.layerName, before.version),
        );
        checkPolicyRevision(RevisionId, before.policy);
        const policy = policyOf(addStatement(before.policy?.statements ?? [], statement));
        await this.#control.layers.commit([{ layerVersion: { ...before, policy } }]);
        return { statement: policy.statements.at(-1)!, revisionId: policy.revisionId };
      },
    );
  }

  get(nameOrArn: string, version: number): LayerPolicy {
    const { policy } = this.#version(nameOrArn, version, "GetLayerVersionPolicy");
    if (policy === undefined) {
      throw new ResourceNotFoundException("No policy is associated with the given resource.");
    }
    return policy;
  }

  async remove(input: RemoveLayerPermissionInput): Promise<void> {
    const { LayerName, VersionNumber, StatementId, RevisionId } = input;
    await this.#changing(LayerName, VersionNumber, "RemoveLayerVersionPermission", async (before) => {
      const { policy, ...rest } = before;
      const statements = removeStatement(policy?.statements, StatementId);
      checkPolicyRevision(RevisionId, policy);
      const layerVersion = statements.length === 0 ? rest : { ...rest, policy: policyOf(statements) };
      await this.#control.layers.commit([{ layerVersion }]);
    });
  }

  /** One change of a layer at a time. */
  #changing<T>(
    nameOrArn: string,
    version: number,
    action: string,
    change: (before: LayerVersionRecord) => Promise<T>,
  ): Promise<T> {
    const { catalog, scope } = this.#control;
    const { name } = this.#layers.reference(nameOrArn, action, version);
    return catalog.exclusive(layerArn(scope, name), async () =>
      change(this.#version(nameOrArn, version, action)),
    );
  }

  #version(nameOrArn: string, version: number, action: string): LayerVersionRecord {
    const { layers, scope } = this.#control;
    const { name } = this.#layers.reference(nameOrArn, action, version);
    const found = layers.get(name)?.versions.get(version);
    if (found !== undefined) return found;
    throw new ResourceNotFoundException(
      `Layer version ${layerVersionArn(scope, name, version)} does not exist.`,
    );
  }
}

function policyOf(statements: readonly PolicyStatement[]): LayerPolicy {
  return { statements, revisionId: randomUUID() };
}

function checkPolicyRevision(given: string | undefined, policy: LayerPolicy | undefined): void {
  checkRevision(given, policy?.revisionId ?? "", "GetLayerPolicy");
}
