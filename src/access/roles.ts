import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../model/clock.ts";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { newId, principalNamePattern, roleArn } from "./access-key.ts";
import { AttachedPolicies, attachedPolicySchema, type PolicyInput } from "./attached-policies.ts";
import { Changes } from "./changes.ts";
import { OwnerOnlyFile } from "./owner-only-file.ts";

const fileSchema = z.strictObject({
  version: z.literal(1),
  roles: z.array(
    z.strictObject({
      name: z.string().regex(principalNamePattern),
      roleId: z.string().min(1),
      createdMs: z.number(),
      policies: z.array(attachedPolicySchema),
    }),
  ),
});

/** An execution role: functions whose Role is its ARN act with its policies. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  /** `AROA…`; never given twice, so that credentials of a role that was deleted are not those of its successor. */
  readonly roleId: string;
  /** Unix epoch, ms. */
  readonly createdMs: number;
  readonly attached: AttachedPolicies;
}

export interface RolesOptions {
  readonly dataDir: string;
  /** Secret of this installation; the file is sealed with it. */
  readonly installationKey: Uint8Array;
  readonly accountId: string;
  readonly clock: Clock;
}

/** Bounds the file, which is written whole, and memory. */
const maxRoles = 1000;

/** The execution roles of this installation, in `roles.json`. Every change is on disk before it holds. */
export class Roles {
  readonly #file: OwnerOnlyFile<z.output<typeof fileSchema>>;
  readonly #options: RolesOptions;
  readonly #changes = new Changes();
  #byArn: ReadonlyMap<string, Role>;
  #byId: ReadonlyMap<string, Role>;

  private constructor(
    file: OwnerOnlyFile<z.output<typeof fileSchema>>,
    options: RolesOptions,
    roles: readonly Role[],
  ) {
    this.#file = file;
    this.#options = options;
    this.#byArn = new Map(roles.map((role) => [role.arn, role]));
    this.#byId = new Map(roles.map((role) => [role.roleId, role]));
  }

  /** @throws {Error} The file of roles cannot be trusted or read. */
  static async open(options: RolesOptions): Promise<Roles> {
    const file = new OwnerOnlyFile(
      join(options.dataDir, "roles.json"),
      options.installationKey,
      fileSchema,
      "; remove it and create the roles again",
    );
    const found = await file.read(({ roles }) =>
      roles.map(({ policies, ...role }) => ({
        ...role,
        arn: roleArn(role.name, options.accountId),
        attached: new AttachedPolicies(policies),
      })),
    );
    return new Roles(file, options, found ?? []);
  }

  findByArn(arn: string): Role | undefined {
    return this.#byArn.get(arn);
  }

  findById(roleId: string): Role | undefined {
    return this.#byId.get(roleId);
  }

  /** @throws {ResourceNotFoundException} */
  get(name: string): Role {
    const role = this.#byArn.get(this.#arn(name));
    if (role === undefined) throw new ResourceNotFoundException(`Role not found: ${name.slice(0, 128)}`);
    return role;
  }

  /** Oldest first. */
  list(): readonly Role[] {
    return [...this.#byArn.values()];
  }

  /**
   * @throws {InvalidParameterValueException} It is no name, there are too many, or these are no policies.
   * @throws {ResourceConflictException} There is one of that name.
   */
  create(name: string, policies: readonly PolicyInput[]): Promise<Role> {
    return this.#changes.run(async () => {
      if (!principalNamePattern.test(name)) {
        throw new InvalidParameterValueException(
          `Cannot create a role "${name.slice(0, 128)}": a role's name has 1 to 64 letters, digits and +=,.@_-`,
        );
      }
      if (this.#byArn.has(this.#arn(name))) {
        throw new ResourceConflictException(`Cannot create role "${name}": there is one`);
      }
      if (this.#byArn.size >= maxRoles) {
        throw new InvalidParameterValueException(
          `Cannot create a role: there are ${this.#byArn.size}, at most ${maxRoles} are allowed`,
        );
      }
      const role: Role = {
        name,
        arn: this.#arn(name),
        roleId: newId("AROA"),
        createdMs: this.#options.clock.now(),
        attached: new AttachedPolicies().with(policies),
      };
      await this.#commit([...this.list(), role]);
      return role;
    });
  }

  /** @throws {ResourceNotFoundException} @throws {InvalidParameterValueException} It is no policy, or one too many. */
  attach(name: string, policy: PolicyInput): Promise<Role> {
    return this.#change(name, (before) => before.with([policy]));
  }

  /** @throws {ResourceNotFoundException} There is no such role, or no such policy. */
  detach(name: string, policyName: string): Promise<Role> {
    return this.#change(name, (before) => before.without(policyName));
  }

  /** Functions keep its ARN, and may do nothing from now on. @throws {ResourceNotFoundException} */
  delete(name: string): Promise<void> {
    return this.#changes.run(async () => {
      const role = this.get(name);
      await this.#commit(this.list().filter((one) => one !== role));
    });
  }

  #change(name: string, change: (before: AttachedPolicies) => AttachedPolicies): Promise<Role> {
    return this.#changes.run(async () => {
      const before = this.get(name);
      const role = { ...before, attached: change(before.attached) };
      await this.#commit(this.list().map((one) => (one === before ? role : one)));
      return role;
    });
  }

  async #commit(roles: readonly Role[]): Promise<void> {
    await this.#file.write({
      version: 1,
      roles: roles.map(({ name, roleId, createdMs, attached }) => ({
        name,
        roleId,
        createdMs,
        policies: [...attached.list],
      })),
    });
    this.#byArn = new Map(roles.map((role) => [role.arn, role]));
    this.#byId = new Map(roles.map((role) => [role.roleId, role]));
  }

  #arn(name: string): string {
    return roleArn(name, this.#options.accountId);
  }
}
