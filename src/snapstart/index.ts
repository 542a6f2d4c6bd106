export {
  BundleError,
  type BundleJob,
  type BundleReasonCode,
  type BundleRequest,
  type Bundler,
} from "./bundler.ts";
export { CodeCaches } from "./code-caches.ts";
export { type BundlerOptions, createBundler } from "./create-bundler.ts";
export { FilePackStore } from "./file-pack-store.ts";
export { Freezer } from "./freezer.ts";
export { ensureGuestHeap, sharedCacheDir } from "./guest-heap.ts";
export { chooseSampleEvents } from "./sample-events.ts";
export { SealedStore } from "./sealed-store.ts";
export type {
  SnapStart,
  SnapshotFailure,
  SnapshotReport,
  SnapshotState,
  SnapshotStep,
} from "./snap-start.ts";
export { Snapshots } from "./snapshots.ts";
