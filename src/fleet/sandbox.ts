import { isolatePermissions } from "../isolate-permissions.ts";

/** Node's flags for a host: what guests' processes may do, one thread more for the watch, and small heaps. */
export function hostFlags(guestDir: string): string[] {
  return [
    // Guests' heaps are small and many: helper threads would mostly wake each other, and a young generation of V8's
    // usual size costs each busy environment megabytes.
    "--v8-pool-size=1",
    "--max-semi-space-size=2",
    "--allow-worker",
    ...isolatePermissions("host", guestDir),
  ];
}
