export {
  BundleError,
  type BundleJob,
  type BundleReasonCode,
  type BundleRequest,
  type Bundler,
} from "./bundler.ts";
export { type BundlerOptions, createBundler } from "./create-bundler.ts";
export { ensureGuestHeap, sharedCacheDir } from "./guest-heap.ts";
export type {
  SnapStart,
  SnapshotFailure,
  SnapshotReport,
  SnapshotState,
  SnapshotStep,
} from "./snap-start.ts";
