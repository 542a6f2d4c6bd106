import { bytes, defineOperation } from "../operation.ts";

/** As snapshots/snapstart/lazy/web-assembly.ts has it. */
const maxModuleBytes = 64 * 1024 * 1024;

export const webAssemblyOperations = [
  defineOperation({
    name: "wasm.validate",
    kind: "sync",
    args: [bytes(maxModuleBytes)],
    replay: "pure",
    // Node's types have it among the DOM's.
    run: (_environment, module) =>
      (
        globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }
      ).WebAssembly.validate(module),
  }),
];
