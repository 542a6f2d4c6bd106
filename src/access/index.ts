export { type AccessKey, roleArn, type User, userArn } from "./access-key.ts";
export { policyInputSchema } from "./attached-policies.ts";
export type { Access, Authorizer, EarlyAccess, RequestOrigin, Resources } from "./authorizer.ts";
export type { KeyRing } from "./key-ring.ts";
export {
  type AccessOptions,
  type ApiAccess,
  type GuestAccess,
  openApiAccess,
  openGuestAccess,
} from "./open-access.ts";
export type { Credential, Principal } from "./principal.ts";
export { MissingAuthenticationTokenException } from "./refusals.ts";
export { type RequestHead, toRequestHead } from "./request-head.ts";
export { resealOlderKeys } from "./reseal-older-keys.ts";
export type { Role, Roles } from "./roles.ts";
export {
  SignatureVerifier,
  type SignatureVerifierOptions,
  type SignedRequest,
} from "./signature-verifier.ts";
