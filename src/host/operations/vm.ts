import { defineOperation, integer } from "../operation.ts";

/**
 * A context of its own in the caller's isolate, for node:vm. Its memory is the isolate's; it has the base's code and no
 * host. A heap with more than one context cannot be frozen.
 */
export const vmContext = defineOperation({
  name: "vm.context",
  kind: "sync",
  args: [integer(1, 2 ** 31)],
  replay: "none",
  run: (environment, id) => environment.makeContext(id),
});

/** Runs in such a context what the guest has put before it; its outcome stays there. */
export const vmRun = defineOperation({
  name: "vm.run",
  kind: "sync",
  args: [integer(1, 2 ** 31)],
  replay: "none",
  run: (environment, id) => environment.enterContext(id),
});
