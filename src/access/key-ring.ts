import type { Clock } from "../model/clock.ts";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import {
  type AccessKey,
  newAccessKey,
  newId,
  principalNamePattern,
  type User,
  userArn,
} from "./access-key.ts";
import { AttachedPolicies, type AttachedPolicy, type PolicyInput } from "./attached-policies.ts";
import { Changes } from "./changes.ts";
import { KeyFile, type StoredKeys } from "./key-file.ts";
import { administratorPolicy } from "./managed-policies.ts";
import type { Credential, Principal } from "./principal.ts";

export interface KeyRingOptions {
  readonly dataDir: string;
  /** Secret of this installation; the keys are sealed with it. */
  readonly installationKey: Uint8Array;
  readonly accountId: string;
  readonly clock: Clock;
}

/** Bounds the file, which is written whole, and memory. */
const maxKeys = 1000;

/** The access keys of this installation, and their users' policies. Every change is on disk before it holds. */
export class KeyRing {
  readonly #file: KeyFile;
  readonly #options: KeyRingOptions;
  readonly #changes = new Changes();
  #stored: StoredKeys;
  #credentials: ReadonlyMap<string, Credential>;

  private constructor(file: KeyFile, options: KeyRingOptions, stored: StoredKeys) {
    this.#file = file;
    this.#options = options;
    this.#stored = stored;
    this.#credentials = credentialsOf(stored, options.accountId);
  }

  /**
   * Where there are no keys yet, a root key is made.
   * @returns `newRootKey`: only whoever made it is ever told its secret.
   * @throws {Error} The file of keys cannot be trusted or read.
   */
  static async open(options: KeyRingOptions): Promise<{ ring: KeyRing; newRootKey: AccessKey | undefined }> {
    const file = new KeyFile(options.dataDir, options.installationKey);
    const found = await file.read();
    if (found !== undefined && found.keys.length > 0) {
      return { ring: new KeyRing(file, options, found), newRootKey: undefined };
    }
    const root = newAccessKey({ name: undefined, userId: options.accountId }, options.clock.now());
    const stored = { keys: [root], policies: new Map() };
    await file.write(stored);
    return { ring: new KeyRing(file, options, stored), newRootKey: root };
  }

  find(accessKeyId: string): Credential | undefined {
    return this.#credentials.get(accessKeyId);
  }

  /** Oldest first. */
  list(): readonly AccessKey[] {
    return this.#stored.keys;
  }

  /** @param userName Undefined: the account's root, which has none. @throws {ResourceNotFoundException} */
  policies(userName: string | undefined): readonly AttachedPolicy[] {
    return userName === undefined ? [] : this.#policies(userName).list;
  }

  /**
   * A further key for a user, who begins to exist with the first one and ends with the last.
   * @param userName Absent: the account's root.
   * @param policies What the user may do from now on, besides what was attached before; the root has no policies.
   * @throws {InvalidParameterValueException} It is no name, there are too many keys, or these are no policies.
   */
  create(userName?: string, policies: readonly PolicyInput[] = []): Promise<AccessKey> {
    return this.#changes.run(async () => {
      const { keys } = this.#stored;
      if (keys.length >= maxKeys) {
        throw new InvalidParameterValueException(
          `Cannot create an access key: there are ${keys.length}, at most ${maxKeys} are allowed`,
        );
      }
      if (userName === undefined && policies.length > 0) {
        throw new InvalidParameterValueException(
          "Cannot attach policies to the account's root, who may do everything: create the key for a user",
        );
      }
      const key = newAccessKey(this.#user(userName), this.#options.clock.now());
      const all = new Map(this.#stored.policies);
      if (userName !== undefined) {
        all.set(userName, (all.get(userName) ?? new AttachedPolicies()).with(policies));
      }
      await this.#commit({ keys: [...keys, key], policies: all });
      return key;
    });
  }

  /**
   * @throws {ResourceNotFoundException} There is no such user.
   * @throws {InvalidParameterValueException} It is no policy, or one too many.
   */
  attach(userName: string, policy: PolicyInput): Promise<void> {
    return this.#change(userName, (before) => before.with([policy]));
  }

  /**
   * @throws {ResourceNotFoundException} There is no such user, or no such policy.
   * @throws {ResourceConflictException} Nobody who is left may do everything.
   */
  detach(userName: string, policyName: string): Promise<void> {
    return this.#change(userName, (before) => before.without(policyName));
  }

  /**
   * @throws {ResourceNotFoundException} There is no such key.
   * @throws {ResourceConflictException} Nobody who is left may do everything, and so be sure to make another.
   */
  delete(accessKeyId: string): Promise<void> {
    return this.#changes.run(async () => {
      const key = this.#stored.keys.find((one) => one.accessKeyId === accessKeyId);
      if (key === undefined) {
        throw new ResourceNotFoundException(`Access key not found: ${accessKeyId.slice(0, 128)}`);
      }
      const left = this.#stored.keys.filter((one) => one !== key);
      const policies = new Map(this.#stored.policies);
      const { name } = key.user;
      if (name !== undefined && !left.some(({ user }) => user.name === name)) policies.delete(name);
      const next = { keys: left, policies };
      requireAdministrator(next, `delete ${accessKeyId}`);
      await this.#commit(next);
    });
  }

  #change(userName: string, change: (before: AttachedPolicies) => AttachedPolicies): Promise<void> {
    return this.#changes.run(async () => {
      const policies = new Map(this.#stored.policies);
      policies.set(userName, change(this.#policies(userName)));
      const next = { ...this.#stored, policies };
      requireAdministrator(next, `change the policies of ${userName}`);
      await this.#commit(next);
    });
  }

  #policies(userName: string): AttachedPolicies {
    const found = this.#stored.policies.get(userName);
    if (found === undefined) throw new ResourceNotFoundException(`User not found: ${userName.slice(0, 128)}`);
    return found;
  }

  #user(name: string | undefined): User {
    if (name === undefined) return { name, userId: this.#options.accountId };
    if (!principalNamePattern.test(name)) {
      throw new InvalidParameterValueException(
        `Cannot create an access key for "${name.slice(0, 128)}": a user's name has 1 to 64 letters, digits and +=,.@_-`,
      );
    }
    return this.list().find((key) => key.user.name === name)?.user ?? { name, userId: newId("AIDA") };
  }

  async #commit(stored: StoredKeys): Promise<void> {
    await this.#file.write(stored);
    this.#stored = stored;
    this.#credentials = credentialsOf(stored, this.#options.accountId);
  }
}

/** @throws {ResourceConflictException} */
function requireAdministrator({ keys, policies }: StoredKeys, change: string): void {
  const isOne = ({ user }: AccessKey): boolean =>
    user.name === undefined || mayDoEverything(policies.get(user.name));
  if (keys.some(isOne)) return;
  throw new ResourceConflictException(
    `Cannot ${change}: no access key of the root or of a user with ${administratorPolicy} and no Deny would be left, and nobody could be sure to make another; create one first`,
  );
}

/** A Deny of whatever may be the one that counts. */
function mayDoEverything({ list, policies }: AttachedPolicies = new AttachedPolicies()): boolean {
  return (
    list.some(({ name }) => name === administratorPolicy) &&
    policies.every(({ statements }) => statements.every(({ effect }) => effect === "Allow"))
  );
}

function credentialsOf({ keys, policies }: StoredKeys, accountId: string): ReadonlyMap<string, Credential> {
  return new Map(
    keys.map(({ accessKeyId, secretAccessKey, user }) => {
      const arn = userArn(user, accountId);
      const isRoot = user.name === undefined;
      const principal: Principal = {
        caller: { kind: "identity", accountId, arn, principalArn: arn, isRoot },
        type: isRoot ? "Account" : "User",
        userId: user.userId,
        userName: user.name,
        policies: isRoot ? [] : (policies.get(user.name ?? "")?.policies ?? []),
        sourceFunctionArn: undefined,
      };
      return [accessKeyId, { accessKeyId, secretAccessKey, principal }];
    }),
  );
}
