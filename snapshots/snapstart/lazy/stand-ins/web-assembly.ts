import { requireInternal } from "../../../registry.ts";
import { define } from "./disguise.ts";
import type { Heap } from "./late-members.ts";
import { freezing } from "./phase.ts";

type Loaded = typeof import("../web-assembly.ts");

/** Loaded when init first touches the global. A function that never does has V8's own, and pays nothing. */
let loaded: Loaded | undefined;
/** V8's own, put aside while the accessor is there; undefined while it freezes. */
let native: object | undefined;
const current = () => Object.getOwnPropertyDescriptor(globalThis, "WebAssembly");

/** @returns Whether the global is what we put there. */
function isOurs(): boolean {
  const found = current();
  return (
    found !== undefined &&
    (found.get === accessor || (loaded !== undefined && found.value === loaded.namespace))
  );
}

function accessor(): object {
  if (loaded === undefined) {
    loaded = requireInternal("brisk:snapstart/lazy/web-assembly") as Loaded;
    if (native !== undefined) loaded.adopt(native);
  }
  define(globalThis, "WebAssembly", loaded.namespace);
  return loaded.namespace;
}

export function installWebAssembly(): void {
  // A heap that is primed was prepared before.
  if (isOurs()) return;
  native = current()?.value as object | undefined;
  Object.defineProperty(globalThis, "WebAssembly", {
    get: accessor,
    set: (value: unknown) => define(globalThis, "WebAssembly", value),
    enumerable: false,
    configurable: true,
  });
}

/** V8 does not add its own where there is one already. */
export function takeWebAssemblyAway(): void {
  if (freezing && isOurs()) Reflect.deleteProperty(globalThis, "WebAssembly");
}

/** Ours again where init touched it, over V8's own. A heap that is rehearsed loads it as one that is primed will. */
export function putWebAssemblyBack(heap: Heap): void {
  if (heap === "freezing") {
    installWebAssembly();
  } else if (heap === "restored" && loaded !== undefined) {
    const found = current()?.value as object | undefined;
    if (found !== undefined && !isOurs()) loaded.adopt(found);
    define(globalThis, "WebAssembly", loaded.namespace);
  }
}
