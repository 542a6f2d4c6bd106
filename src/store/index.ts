export { DataFolderInUseError, type DataFolderLock, lockDataFolder } from "./data-folder-lock.ts";
export { loadInstallationKey } from "./installation-key.ts";
export { createMemoryStore } from "./memory-store.ts";
export { createSqliteStore } from "./sqlite-store.ts";
export type { Blob, Change, Json, Store, StoredRecord } from "./store.ts";
