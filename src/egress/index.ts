export type { RemoteCall, RemoteOperations } from "./remote-operations.ts";
