import { deriveKey } from "./derive-key.ts";
import { ValueSeal } from "./sealed-value.ts";
import { deriveSealingKey, type SealingKey } from "./sealing-key.ts";

/**
 * The keys of one data folder:
 *
 *     master key (a file, a variable, a command) ──wraps──► installation key (installation-key.json)
 *                                                            └──HKDF, a label for each purpose──► all others
 */
export interface Keys {
  /** For whoever derives keys for purposes of their own. Never used as it is. */
  readonly installation: Uint8Array;
  /** Code, bundles, snapshots, bytecode. */
  readonly files: SealingKey;
  /** Records of the store: functions, their versions with environment variables, policies. */
  readonly records: ValueSeal;
  /** Signs links to code. */
  readonly links: Uint8Array;
}

/** @param installation 32 random bytes. */
export async function deriveKeys(installation: Uint8Array): Promise<Keys> {
  return {
    installation,
    files: await deriveSealingKey(installation),
    records: new ValueSeal(installation, "brisk records"),
    links: deriveKey(installation, "brisk links to code: key", 32),
  };
}
