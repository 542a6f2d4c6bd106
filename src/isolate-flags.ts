/**
 * V8's flags of every process that makes isolates, heaps for them or code caches: they must be the same in all, or V8
 * rejects what another one made. Node's own snapshot and isolated-vm's do not go together. WebAssembly is compiled at
 * once, since an isolate runs none of V8's background tasks: `WebAssembly.compile` would never settle. asm.js is plain
 * JavaScript: as what V8 makes of it otherwise it can't be frozen. Regular expressions are compiled to machine code at
 * once: no snapshot holds what they were compiled to, and V8's way by bytecode takes several times as long for those with
 * Unicode properties (the first call of bench/cold's 1.2 MB app after a restore: 39 ms with it, 14 ms without).
 */
export const isolateFlags: readonly string[] = [
  "--no-node-snapshot",
  "--no-wasm-async-compilation",
  "--no-validate-asm",
  "--no-regexp-tier-up",
];
