import { requireInternal } from "../../../../registry.ts";

interface KeyObject {
  readonly type: string;
  equals(other: unknown): boolean;
}
interface CryptoKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: object;
  readonly usages: readonly string[];
}

const tag = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

export const isKeyObject = (value: unknown): boolean => tag(value) === "KeyObject";
export const isCryptoKey = (value: unknown): boolean => tag(value) === "CryptoKey";

/** For the library's comparisons: a key compares itself. */
export const getKeyObjectType = (key: KeyObject): string => key.type;
export const getKeyObjectHandle = (key: KeyObject): KeyObject => key;

export const getCryptoKeyType = (key: CryptoKey): string => key.type;
export const getCryptoKeyExtractable = (key: CryptoKey): boolean => key.extractable;
export const getCryptoKeyAlgorithm = (key: CryptoKey): object => key.algorithm;
export const getCryptoKeyUsagesMask = (key: CryptoKey): string => [...key.usages].sort().join();
export const getCryptoKeyHandle = (key: CryptoKey): KeyObject =>
  (requireInternal("node:crypto") as { KeyObject: { from(key: CryptoKey): KeyObject } }).KeyObject.from(key);
export const getCryptoKeySecondaryHandle = (): undefined => undefined;
export const getCryptoKeySeedData = (): undefined => undefined;
