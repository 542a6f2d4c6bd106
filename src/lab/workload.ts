import type { HttpAnswer } from "./http-client.ts";
import type { PeerBundle } from "./peer-bundle.ts";

/** A function to start, and what to ask it. */
export interface Workload {
  /** Letters, digits, - and _: it becomes part of a function's name. */
  readonly id: string;
  readonly label: string;
  /** One sentence. */
  readonly description: string;
  /** What Brisk deploys. */
  readonly zip: Uint8Array;
  readonly handler: string;
  /** What peers load; throws when there is none. */
  readonly bundle: () => PeerBundle;
  readonly variables: Readonly<Record<string, string>>;
  readonly request: WorkloadRequest;
  /** MB. */
  readonly memorySizeMb: number;
  readonly timeoutSeconds: number;
  /**
   * Says what is wrong with an answer; undefined when it is right.
   * @param nth Which of its environment's answers it is, from 1; undefined when that can't be known.
   */
  check(answer: HttpAnswer, nth: number | undefined): string | undefined;
}

/** A request to the function's URL, or an event for Invoke. */
export type WorkloadRequest =
  | { readonly kind: "url"; readonly path: string }
  | { readonly kind: "event"; readonly event: string };
