import { randomBytes, randomInt } from "node:crypto";

/** Whose a key is. */
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

/** How AWS names users and roles. */
export const principalNamePattern = /^[A-Za-z0-9+=,.@_-]{1,64}$/;

export function newAccessKey(user: User, createdMs: number): AccessKey {
  return {
    accessKeyId: newId("AKIA"),
    // 240 random bits; 40 characters, as AWS's.
    secretAccessKey: randomBytes(30).toString("base64"),
    user,
    createdMs,
  };
}

/** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
export function userArn(user: User, accountId: string): string {
  return `arn:aws:iam::${accountId}:${user.name === undefined ? "root" : `user/${user.name}`}`;
}

export function roleArn(name: string, accountId: string): string {
  return `arn:aws:iam::${accountId}:role/${name}`;
}

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param prefix AWS's, by what the id is of: AKIA keys, ASIA session keys, AIDA users, AROA roles. */
export function newId(prefix: "AKIA" | "ASIA" | "AIDA" | "AROA"): string {
  return prefix + Array.from({ length: 16 }, () => idAlphabet[randomInt(idAlphabet.length)]).join("");
}
