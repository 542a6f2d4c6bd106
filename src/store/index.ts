export { DataFolderInUseError, type DataFolderLock, lockDataFolder } from "./data-folder-lock.ts";
export { createMemoryStore } from "./memory-store.ts";
export { DamagedRecordError } from "./record-seal.ts";
export { sealPlainBlobs } from "./seal-plain-blobs.ts";
export { createSqliteStore } from "./sqlite-store.ts";
export type { Blob, Change, Json, Store, StoredRecord } from "./store.ts";
