import { randomBytes } from "node:crypto";
import { deriveKey } from "./derive-key.ts";

/** What everything in a data folder is sealed under, in the end. Kept by its owner, never in what it seals. */
export interface MasterKey {
  readonly bytes: Uint8Array;
  /** Tells master keys apart in messages and in the data folder; not secret. */
  readonly id: string;
  /** Where it came from, for messages: `the file /etc/brisk/master.key`. */
  readonly origin: string;
}

/** There is no master key, or none that can be used. The message says what was tried and what to do. */
export class MasterKeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MasterKeyError";
  }
}

const masterKeyBytes = 32;

/** @returns Base64, as master keys are written down everywhere. */
export function newMasterKeyText(): string {
  return randomBytes(masterKeyBytes).toString("base64");
}

/** @throws {MasterKeyError} The text is none. It is never part of the message. */
export function parseMasterKey(text: string, origin: string): MasterKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, "base64");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed) || bytes.byteLength !== masterKeyBytes) {
    throw new MasterKeyError(
      `Cannot use the master key from ${origin}: ${trimmed.length} characters came, which are not ${masterKeyBytes} bytes as base64; make a key with: openssl rand -base64 ${masterKeyBytes}`,
    );
  }
  return { bytes, id: deriveKey(bytes, "brisk master key: id", 8).toString("hex"), origin };
}
