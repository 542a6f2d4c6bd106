import { requireInternal } from "../../../registry.ts";

/** What Node gives each file of its own library besides `require`, `module` and `exports`. */
export { primordials } from "./primordials.ts";
export { libraryProcess as process } from "./process.ts";

/** The part of Node that is not JavaScript: ours stand under `bindings/`, one file a binding, loaded at first use. */
export function internalBinding(name: string): unknown {
  return requireInternal(`brisk:node/internal/bindings/${name}`);
}
