export {
  BundleError,
  type BundleJob,
  type Bundler,
  type BundleReasonCode,
  type BundleRequest,
} from "./bundler.ts";
