import { nodeProvided } from "./node/provided.ts";
import { webProvided } from "./web/provided.ts";

/** One thing that code in an isolate finds: a global, or a node module. */
export interface Provided {
  /** A global's name, or a module's without `node:`. */
  readonly name: string;
  readonly kind: "global" | "module";
  /** Who does the work: a package, the host over the bridge, or code of ours in the guest. */
  readonly from: "package" | "host" | "ours";
  /** Compiled when it is first used, rather than part of the base heap. */
  readonly lazy: boolean;
  /** What Node has and this has not. */
  readonly missing?: string;
}

/** The one table of what is provided. */
export const provided: readonly Provided[] = [...webProvided, ...nodeProvided];
