import { z } from "zod";
import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { type Policy, parsePolicy, readPolicy } from "../model/policy/index.ts";
import { managedPolicies } from "./managed-policies.ts";

/** How requests give a policy: the name of a managed one, or a document under a name of its own. */
export const policyInputSchema = z.union([
  z.string().min(1).max(128),
  z.strictObject({ name: z.string().min(1).max(128), document: z.record(z.string(), z.unknown()) }),
]);
export type PolicyInput = z.output<typeof policyInputSchema>;

/** As it is stored and shown. */
export const attachedPolicySchema = z.strictObject({
  name: z.string(),
  /** Absent: the managed policy of that name. */
  document: z.record(z.string(), z.unknown()).optional(),
});
export type AttachedPolicy = z.output<typeof attachedPolicySchema>;

const namePattern = /^[\w+=,.@-]{1,128}$/;
/** IAM's default for a user's or role's managed policies. */
const maxPolicies = 10;

/** The policies of one user or role, read once. Immutable. */
export class AttachedPolicies {
  readonly list: readonly AttachedPolicy[];
  readonly policies: readonly Policy[];

  /** @throws {InvalidParameterValueException} One of them is no policy. */
  constructor(list: readonly AttachedPolicy[] = []) {
    this.list = list;
    this.policies = list.map(({ name, document }) =>
      document === undefined
        ? readPolicy(managedDocument(name), "identity")
        : parsePolicy(JSON.stringify(document), "identity"),
    );
  }

  /** One of the same name is replaced. @throws {InvalidParameterValueException} It is none, or one too many. */
  with(inputs: readonly PolicyInput[]): AttachedPolicies {
    const list = new Map(this.list.map((policy) => [policy.name, policy]));
    for (const input of inputs) {
      const policy = typeof input === "string" ? { name: input } : input;
      if (!namePattern.test(policy.name)) {
        throw new InvalidParameterValueException(
          `Cannot name a policy "${policy.name.slice(0, 128)}": a name has 1 to 128 letters, digits and _+=,.@-`,
        );
      }
      if (typeof input !== "string" && managedPolicies.has(input.name)) {
        throw new InvalidParameterValueException(
          `Cannot name a policy of your own "${input.name}": that is a managed policy`,
        );
      }
      list.set(policy.name, policy);
    }
    if (list.size > maxPolicies) {
      throw new InvalidParameterValueException(
        `Cannot attach ${list.size} policies: at most ${maxPolicies} are allowed`,
      );
    }
    return new AttachedPolicies([...list.values()]);
  }

  /** @throws {ResourceNotFoundException} It is not attached. */
  without(name: string): AttachedPolicies {
    const left = this.list.filter((policy) => policy.name !== name);
    if (left.length === this.list.length) {
      throw new ResourceNotFoundException(`Policy not attached: ${name.slice(0, 128)}`);
    }
    return new AttachedPolicies(left);
  }
}

function managedDocument(name: string): object {
  const document = managedPolicies.get(name);
  if (document !== undefined) return document;
  throw new InvalidParameterValueException(
    `There is no managed policy "${name.slice(0, 128)}": there are ${[...managedPolicies.keys()].join(", ")}`,
  );
}
