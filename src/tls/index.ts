export {
  type CertificateFacts,
  expiryWarning,
  type KeyPair,
  KeyPairError,
  type KeyPairFiles,
  readKeyPair,
} from "./key-pair.ts";
export { KeyPairWatch, type KeyPairWatchOptions } from "./key-pair-watch.ts";
