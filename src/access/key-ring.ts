import type { Clock } from "../model/clock.ts";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { type AccessKey, newAccessKey, newUserId, type User, userNamePattern } from "./access-key.ts";
import { KeyFile } from "./key-file.ts";

export interface KeyRingOptions {
  readonly dataDir: string;
  /** Secret of this installation; the keys are sealed with it. */
  readonly installationKey: Uint8Array;
  readonly accountId: string;
  readonly clock: Clock;
}

/** Bounds the file, which is written whole, and memory. */
const maxKeys = 1000;

/** The access keys of this installation. Every change is on disk before it holds. */
export class KeyRing {
  readonly #file: KeyFile;
  readonly #options: KeyRingOptions;
  #keys: ReadonlyMap<string, AccessKey>;
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: KeyFile, options: KeyRingOptions, keys: readonly AccessKey[]) {
    this.#file = file;
    this.#options = options;
    this.#keys = byId(keys);
  }

  /**
   * Where there are no keys yet, a root key is made.
   * @returns `newRootKey`: only whoever made it is ever told its secret.
   * @throws {Error} The file of keys cannot be trusted or read.
   */
  static async open(options: KeyRingOptions): Promise<{ ring: KeyRing; newRootKey: AccessKey | undefined }> {
    const file = new KeyFile(options.dataDir, options.installationKey);
    const found = await file.read();
    if (found !== undefined && found.length > 0) {
      return { ring: new KeyRing(file, options, found), newRootKey: undefined };
    }
    const root = newAccessKey({ name: undefined, userId: options.accountId }, options.clock.now());
    await file.write([root]);
    return { ring: new KeyRing(file, options, [root]), newRootKey: root };
  }

  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** Oldest first. */
  list(): readonly AccessKey[] {
    return [...this.#keys.values()];
  }

  /**
   * A further key for a user, who begins to exist with the first one.
   * @param userName Absent: the account's root.
   * @throws {InvalidParameterValueException} It is no name, or there are too many keys.
   */
  create(userName?: string): Promise<AccessKey> {
    return this.#exclusive(async () => {
      const keys = this.list();
      if (keys.length >= maxKeys) {
        throw new InvalidParameterValueException(
          `Cannot create an access key: there are ${keys.length}, at most ${maxKeys} are allowed`,
        );
      }
      const key = newAccessKey(this.#user(userName), this.#options.clock.now());
      await this.#commit([...keys, key]);
      return key;
    });
  }

  /**
   * @throws {ResourceNotFoundException} There is no such key.
   * @throws {ResourceConflictException} It is the last one: nobody could make another.
   */
  delete(accessKeyId: string): Promise<void> {
    return this.#exclusive(async () => {
      if (!this.#keys.has(accessKeyId)) {
        throw new ResourceNotFoundException(`Access key not found: ${accessKeyId.slice(0, 128)}`);
      }
      const left = this.list().filter((key) => key.accessKeyId !== accessKeyId);
      if (left.length === 0) {
        throw new ResourceConflictException(
          `Cannot delete ${accessKeyId}: it is the last access key, and nobody could make another; create one first`,
        );
      }
      await this.#commit(left);
    });
  }

  #user(name: string | undefined): User {
    if (name === undefined) return { name, userId: this.#options.accountId };
    if (!userNamePattern.test(name)) {
      throw new InvalidParameterValueException(
        `Cannot create an access key for "${name.slice(0, 128)}": a user's name has 1 to 64 letters, digits and +=,.@_-`,
      );
    }
    return this.list().find((key) => key.user.name === name)?.user ?? { name, userId: newUserId() };
  }

  async #commit(keys: readonly AccessKey[]): Promise<void> {
    await this.#file.write(keys);
    this.#keys = byId(keys);
  }

  #exclusive<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }
}

function byId(keys: readonly AccessKey[]): ReadonlyMap<string, AccessKey> {
  return new Map(keys.map((key) => [key.accessKeyId, key]));
}
