import type { ChildProcess } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import {
  type BuilderJob,
  type BuilderReply,
  builderFrame,
  encodeFrame,
  type Frame,
  FrameReader,
  maxBundleBytes,
  maxPieceBytes,
  maxReplyBytes,
} from "../model/builder-messages.ts";
import { InvalidParameterValueException } from "../model/errors.ts";
import type { StoredContent } from "../model/version.ts";
import type { BuilderLimits } from "./builder-process.ts";
import type { NewBundle } from "./bundle-cache.ts";
import { BundleError } from "./bundler.ts";
import type { NewFilePack } from "./file-pack-store.ts";

const text = z.string().max(8192);
const replySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("inspected") }),
  z.strictObject({ kind: z.literal("refused"), message: text }),
  z.strictObject({ kind: z.literal("failed"), message: text }),
  z.strictObject({
    kind: z.literal("bundled"),
    builtins: z.array(z.string().regex(/^node:[\w/.-]{1,100}$/)).max(1000),
    files: z.strictObject({ bytes: z.number().int().min(0), root: z.tuple([z.number(), z.number()]) }),
  }),
]) satisfies z.ZodType<BuilderReply>;

const stderrBytes = 16 * 1024;

export interface BuilderJobOptions {
  /** Waits for a job; this call owns it from now on, and it is dead when the call settles. */
  readonly child: ChildProcess;
  readonly job: BuilderJob;
  /** In the job's order. */
  readonly zips: readonly StoredContent[];
  /** Takes the files of a function; absent for an inspection. */
  readonly pack?: NewFilePack | undefined;
  readonly limits: BuilderLimits;
  readonly signal: AbortSignal;
  readonly onInspected: () => void;
}

/**
 * Runs one job in a builder process. The builder has read a stranger's zip, so it counts as taken over: its
 * replies are bounded and checked, and all that it can do with them is to be a bad bundle of that function.
 * @returns The bundle; undefined for an inspection that found nothing amiss.
 * @throws {InvalidParameterValueException} When the builder refused the zip.
 * @throws {BundleError}
 */
export async function runBuilderJob(options: BuilderJobOptions): Promise<NewBundle | undefined> {
  const { child, limits, signal } = options;
  const stderr = collectStderr(child);
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    // Later than "exit": all that it said has been read.
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, limits.timeoutMs);
  const abort = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", abort, { once: true });
  let damaged: BundleError | undefined;
  const output = new BundleOutput();
  try {
    signal.throwIfAborted();
    const sent = sendJob(options, (error) => {
      damaged = error;
      child.kill("SIGKILL");
    });
    // A builder that has heard enough closes its end early; what it says counts, not how it listens.
    sent.catch(() => {});
    const end = await readReplies(options, output);
    if (end !== undefined) return end.bundle;
    await exited;
    signal.throwIfAborted();
    throw damaged ?? endedWithout(timedOut, stderr(), limits);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timedOut) throw endedWithout(true, "", limits);
    throw damaged ?? error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    child.kill("SIGKILL");
  }
}

async function sendJob(
  { child, job, zips }: BuilderJobOptions,
  onDamaged: (error: BundleError) => void,
): Promise<void> {
  const { stdin } = child;
  if (stdin === null) throw new Error("a builder was started without a pipe");
  stdin.on("error", () => {});
  stdin.write(encodeFrame(builderFrame.job, Buffer.from(JSON.stringify(job))));
  await pipeline(Readable.from(zipFrames(zips, onDamaged)), stdin);
}

/** Of a zip that turns out to be damaged the end never comes, and so the builder never begins. */
async function* zipFrames(
  zips: readonly StoredContent[],
  onDamaged: (error: BundleError) => void,
): AsyncGenerator<Uint8Array> {
  for (const zip of zips) {
    try {
      // However much comes at once.
      for await (const bytes of zip.read()) {
        for (let at = 0; at < bytes.byteLength; at += maxPieceBytes) {
          yield encodeFrame(builderFrame.zip, bytes.subarray(at, at + maxPieceBytes));
        }
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot bundle the function: its stored code ${zip.hash} cannot be used: ${why}; deploy it again`;
      onDamaged(new BundleError("CodeDamaged", message, { cause }));
      return;
    }
    yield encodeFrame(builderFrame.zipEnd, new Uint8Array(0));
  }
}

/** What the job was for, with the bundle that it made; undefined when the builder's output ended before. */
async function readReplies(
  options: BuilderJobOptions,
  output: BundleOutput,
): Promise<{ readonly bundle: NewBundle | undefined } | undefined> {
  const { stdout } = options.child;
  if (stdout === null) throw new Error("a builder was started without a pipe");
  const limits: Record<number, number> = {
    [builderFrame.reply]: maxReplyBytes,
    [builderFrame.script]: maxPieceBytes,
    [builderFrame.map]: maxPieceBytes,
    [builderFrame.files]: options.pack === undefined ? 0 : maxPieceBytes,
  };
  const frames = new FrameReader((type) => limits[type] ?? 0);
  try {
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      for (const frame of frames.push(chunk)) {
        if (frame.type === builderFrame.files) await options.pack?.add(frame.payload);
        else if (frame.type !== builderFrame.reply) output.write(frame);
        if (frame.type !== builderFrame.reply) continue;
        const reply = replySchema.parse(JSON.parse(Buffer.from(frame.payload).toString()));
        if (reply.kind === "inspected") {
          options.onInspected();
          if (options.job.kind === "inspect") return { bundle: undefined };
        }
        if (reply.kind === "refused") throw new InvalidParameterValueException(reply.message);
        if (reply.kind === "failed")
          throw new BundleError("BuilderFailed", `Cannot bundle the function: ${reply.message}`);
        if (reply.kind === "bundled") {
          await options.pack?.finish(reply.files);
          return { bundle: output.finish(reply.builtins) };
        }
      }
    }
  } catch (error) {
    if (error instanceof InvalidParameterValueException || error instanceof BundleError) throw error;
    throw new BundleError(
      "BuilderFailed",
      "Cannot bundle the function: its builder process broke the protocol",
      { cause: error },
    );
  }
  return undefined;
}

function endedWithout(timedOut: boolean, stderr: string, limits: BuilderLimits): BundleError {
  if (timedOut) {
    return new BundleError(
      "BuilderTimedOut",
      `Cannot bundle the function: it took longer than ${limits.timeoutMs} ms (setting builderTimeoutMs)`,
    );
  }
  if (/out of memory|cannot allocate memory/i.test(stderr)) {
    return new BundleError(
      "BuilderOutOfMemory",
      `Cannot bundle the function: it needs more than ${limits.memoryMb} MB of memory (setting builderMemoryMb)`,
    );
  }
  const said = stderr.trim() === "" ? undefined : { cause: new Error(stderr) };
  return new BundleError(
    "BuilderFailed",
    "Cannot bundle the function: its builder process ended early",
    said,
  );
}

function collectStderr(child: ChildProcess): () => string {
  let collected = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    // The reason for an abort comes first, heaps of stack after it.
    if (collected.length < stderrBytes)
      collected += chunk.toString().slice(0, stderrBytes - collected.length);
  });
  return () => collected;
}

/** Script and map of a job, kept as they come: nothing of a function's code is on disk unsealed. */
class BundleOutput {
  readonly #parts = new Map<number, { readonly pieces: Uint8Array[]; readonly hash: Hash; bytes: number }>();

  write({ type, payload }: Frame): void {
    const part = this.#part(type);
    part.bytes += payload.length;
    if (part.bytes > maxBundleBytes) throw new Error("the bundle is too large");
    part.hash.update(payload);
    // A copy: the payload may be a part of a buffer that is much larger.
    part.pieces.push(Uint8Array.from(payload));
  }

  finish(builtins: readonly string[]): NewBundle {
    const script = this.#part(builderFrame.script);
    const map = this.#part(builderFrame.map);
    return { script: script.pieces, map: map.pieces, hash: script.hash.digest("hex"), builtins };
  }

  #part(type: number) {
    const known = this.#parts.get(type);
    if (known !== undefined) return known;
    const part = { pieces: [], hash: createHash("sha256"), bytes: 0 };
    this.#parts.set(type, part);
    return part;
  }
}
