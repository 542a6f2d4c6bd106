export { type AccessKey, type User, userArn } from "./access-key.ts";
export { KeyRing, type KeyRingOptions } from "./key-ring.ts";
export { MissingAuthenticationTokenException } from "./refusals.ts";
export { type RequestHead, toRequestHead } from "./request-head.ts";
export {
  SignatureVerifier,
  type SignatureVerifierOptions,
  type SignedRequest,
} from "./signature-verifier.ts";
export { resealOlderKeys } from "./reseal-older-keys.ts";
