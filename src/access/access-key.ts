import { randomBytes, randomInt } from "node:crypto";

/** Whose a key is. Every key has full access for now, whoever it belongs to: identity policies are to come. */
export interface User {
  /** Undefined for the account's root. */
  readonly name: string | undefined;
  /** `AIDA…`; the account's id for its root. */
  readonly userId: string;
}

export interface AccessKey {
  /** `AKIA…`; not secret. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly user: User;
  /** Unix epoch, ms. */
  readonly createdMs: number;
}

/** How AWS names users. */
export const userNamePattern = /^[A-Za-z0-9+=,.@_-]{1,64}$/;

export function newAccessKey(user: User, createdMs: number): AccessKey {
  return {
    accessKeyId: newId("AKIA"),
    // 240 random bits; 40 characters, as AWS's.
    secretAccessKey: randomBytes(30).toString("base64"),
    user,
    createdMs,
  };
}

export function newUserId(): string {
  return newId("AIDA");
}

/** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
export function userArn(user: User, accountId: string): string {
  return `arn:aws:iam::${accountId}:${user.name === undefined ? "root" : `user/${user.name}`}`;
}

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function newId(prefix: string): string {
  return prefix + Array.from({ length: 16 }, () => idAlphabet[randomInt(idAlphabet.length)]).join("");
}
