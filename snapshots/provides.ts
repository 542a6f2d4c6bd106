import { lambdaProvided } from "./lambda/provided.ts";
import { nodeProvided } from "./node/provided.ts";
import { webProvided } from "./web/provided.ts";

/** One thing that code in an isolate finds: a global, or a node module. */
export interface Provided {
  /** A global's name, or a module's without `node:`. */
  readonly name: string;
  readonly kind: "global" | "module";
  /**
   * Whose JavaScript it is: Node's library (docs/decisions/node-library.md), a package, code of ours in the guest, V8;
   * or the host's work over the bridge, with a thin face of ours.
   */
  readonly from: "node" | "package" | "host" | "ours" | "v8";
  /** Compiled when it is first used, rather than part of the base heap. */
  readonly lazy: boolean;
  /** What Node has and this has not. */
  readonly missing?: string;
}

/** The one table of what is provided. */
export const provided: readonly Provided[] = [...lambdaProvided, ...webProvided, ...nodeProvided];
