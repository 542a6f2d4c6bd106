import { join } from "node:path";
import { isolatePermissions } from "../isolate-permissions.ts";
import type { HostFolders } from "./guest-folders.ts";

/** Node's flags for a host: what guests' processes may do, one thread more for the watch, and small heaps. */
export function hostFlags(guestDir: string, folders?: HostFolders): string[] {
  return [
    // Guests' heaps are small and many: helper threads would mostly wake each other, and a young generation of V8's
    // usual size costs each busy environment megabytes.
    "--v8-pool-size=1",
    "--max-semi-space-size=2",
    "--allow-worker",
    ...isolatePermissions("host", guestDir),
    ...(folders === undefined ? [] : fileFlags(folders)),
  ];
}

/** The scratch folder is not there yet, so that Node can't tell that it is one: what is in it is named apart. */
function fileFlags({ packsDir, scratchDir }: HostFolders): string[] {
  const inside = join(scratchDir, "*");
  const read = [packsDir, scratchDir, inside].map((path) => `--allow-fs-read=${path}`);
  return [...read, `--allow-fs-write=${scratchDir}`, `--allow-fs-write=${inside}`];
}
