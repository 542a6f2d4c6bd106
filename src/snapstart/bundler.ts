import type { Bundle, BundleText, StoredContent } from "../model/version.ts";

/** What a function's code is to be made of. */
export interface BundleRequest {
  /** The function's zip. It must not go while the job runs. */
  readonly code: StoredContent;
  /** The layers' zips, in the function's order. As the zip. */
  readonly layers?: readonly StoredContent[];
  /** The function's handler string: it names the file that the bundle starts from. */
  readonly handler: string;
  /** The function's runtime, as `nodejs22.x`. */
  readonly runtime: string;
  /** Ends the job: its builder process is killed, and the promises reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A job whose zips were found acceptable. */
export interface BundleJob {
  /** @throws {BundleError} When the builder ended without a bundle: out of time, out of memory, or broken. */
  readonly bundle: Promise<Bundle>;
}

/** Makes bundles out of zips, in builder processes. */
export interface Bundler {
  /** Bundles of another version may not run here: they are made again. */
  readonly version: string;
  /**
   * Resolves when the zips were read and found acceptable; the bundle follows.
   * @throws {InvalidParameterValueException} For a broken or dangerous zip, and for more than they may hold together.
   * @throws {BundleError} When the builder ended before it had read the zips.
   */
  start(request: BundleRequest): Promise<BundleJob>;
  /**
   * Resolves when a layer's zip was read and found acceptable.
   * @throws As start().
   */
  inspect(layer: StoredContent): Promise<void>;
  /**
   * What a bundle holds, after every bit of it was checked.
   * @throws {DamagedFileError} It is not there, or not as it was made: make it again.
   */
  read(bundle: Bundle): Promise<BundleText>;
  /** The keys of the bundles that are there. They are looked at when they are read. */
  keys(): Promise<ReadonlySet<string>>;
  /**
   * Removes all bundles but these, and but those that were made or read within the last half hour: whoever was given
   * one has yet to write down that it is in use.
   */
  sweep(keep: readonly Bundle[]): Promise<void>;
  /** Kills running builders; their jobs reject. */
  close(): Promise<void>;
}

/**
 * Why there is no bundle. What a function's code does wrong (a missing module, a syntax error) is no such
 * reason: the bundle then reports it at init, as Lambda does.
 */
export type BundleReasonCode =
  | "CodeDamaged"
  | "BuilderTimedOut"
  | "BuilderOutOfMemory"
  | "BuilderFailed"
  | "BundlerClosed";

/** A build that ended without a bundle. `message` is fit for the function's StateReason. */
export class BundleError extends Error {
  readonly reasonCode: BundleReasonCode;

  constructor(reasonCode: BundleReasonCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BundleError";
    this.reasonCode = reasonCode;
  }
}
