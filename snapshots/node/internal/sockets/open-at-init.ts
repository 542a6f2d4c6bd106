import { holdLoop } from "../../../loop.ts";
import { registerBeforeFreeze } from "../../../snapstart/hooks.ts";

interface Closable {
  hasRef(): boolean;
  endBeforeFreeze(): Promise<void>;
}

let sockets = new Set<Closable>();
let isRegistered = false;

/**
 * A socket that init opened. No connection outlives a snapshot: one that keeps nothing alive, as those that an agent
 * keeps for later, ends before the heap is frozen as if its peer had ended it. Others are in use: the build says so.
 */
export function openedAtInit(socket: Closable): void {
  sockets.add(socket);
  if (isRegistered) return;
  isRegistered = registerBeforeFreeze(async () => {
    isRegistered = false;
    const open = [...sockets];
    sockets = new Set();
    // Such a socket keeps nothing alive, and init is not over before it has ended.
    holdLoop(1);
    for (const one of open) if (!one.hasRef()) await one.endBeforeFreeze();
    holdLoop(-1);
  });
}
