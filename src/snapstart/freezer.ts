import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isolatePermissions } from "../isolate-permissions.ts";
import { encodeFrame, FrameReader, maxPieceBytes } from "../model/builder-messages.ts";
import {
  type FreezeJob,
  type FreezeReply,
  type FrozenFacts,
  freezeFrame,
  maxFreezeReplyBytes,
  maxSnapshotBytes,
  type VerifyJob,
} from "../model/freeze-messages.ts";
import { nodePath, programExtension, programPath } from "../program.ts";
import type { BuilderLimits } from "./builder-process.ts";
import type { SnapshotFailure } from "./snap-start.ts";

/** Why there is no snapshot, as far as one builder process can tell. */
export class FreezeError extends Error {
  readonly code: SnapshotFailure["code"];

  constructor(code: SnapshotFailure["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FreezeError";
    this.code = code;
  }
}

const text = z.string().max(8192);
const shortTexts = z.array(z.string().max(1000)).max(100);
const factsSchema = z.strictObject({
  clockMs: z.number().min(0),
  operations: z.record(z.string().max(100), z.number()),
  timeReads: z.number(),
  randomReads: z.number(),
  fetches: shortTexts,
  builtins: shortTexts,
  largestModules: z.array(z.strictObject({ path: z.string().max(1000), bytes: z.number() })).max(20),
  outcomes: shortTexts,
}) satisfies z.ZodType<FrozenFacts>;
const replySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("frozen"), facts: factsSchema }),
  z.strictObject({ kind: z.literal("verified"), heapBytes: z.number().min(0) }),
  z.strictObject({
    kind: z.literal("failed"),
    code: z.enum(["InitFailed", "NotDeterministic", "NotFreezable", "VerifyFailed", "BuilderFailed"]),
    message: text,
  }),
]) satisfies z.ZodType<FreezeReply>;

const watchMs = 100;
const pageBytes = 4096;
const megabyte = 1024 * 1024;
/** Node itself, and the snapshot beside the heap that it is made from. */
const processMb = 256;
const stderrBytes = 16 * 1024;

interface Answer {
  readonly reply: Exclude<FreezeReply, { kind: "failed" }>;
  readonly snapshot: Buffer<ArrayBuffer>;
}

/**
 * Starts builder processes that freeze heaps and try them. A function's init runs in there without any limit of V8's,
 * so memory and time are watched from outside, and whatever such a process says or dies of is only about that function.
 */
export class Freezer {
  readonly #guestDir: string;
  readonly #limits: BuilderLimits;

  constructor(guestDir: string, limits: BuilderLimits) {
    this.#guestDir = guestDir;
    this.#limits = limits;
  }

  /** @throws {FreezeError} There can be no snapshot, or the process did not get that far. */
  async freeze(
    parts: { recording: Uint8Array; script: Uint8Array; map: Uint8Array; isPrimed: boolean },
    signal: AbortSignal,
  ): Promise<{ snapshot: Buffer<ArrayBuffer>; facts: FrozenFacts }> {
    const job: FreezeJob = {
      kind: "freeze",
      recordingBytes: parts.recording.byteLength,
      scriptBytes: parts.script.byteLength,
      mapBytes: parts.map.byteLength,
      isPrimed: parts.isPrimed,
    };
    const { reply, snapshot } = await this.#run(job, [parts.recording, parts.script, parts.map], signal);
    if (reply.kind !== "frozen" || snapshot.byteLength === 0) throw brokenProtocol();
    return { snapshot, facts: reply.facts };
  }

  /** @throws {FreezeError} A fresh process could not restore it, or found it not ready. */
  async verify(snapshot: Uint8Array, signal: AbortSignal): Promise<{ heapBytes: number }> {
    const job: VerifyJob = { kind: "verify", snapshotBytes: snapshot.byteLength };
    const { reply } = await this.#run(job, [snapshot], signal);
    if (reply.kind !== "verified") throw brokenProtocol();
    return { heapBytes: reply.heapBytes };
  }

  async #run(job: FreezeJob | VerifyJob, parts: readonly Uint8Array[], signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const child = this.#spawn();
    const watched = watch(child, this.#limits, signal);
    try {
      const { stdin, stdout } = child;
      if (stdin === null || stdout === null) throw new Error("a builder was started without pipes");
      // One that has heard enough, or died, closes its end early: what it says counts.
      stdin.on("error", () => {});
      stdin.write(encodeFrame(freezeFrame.job, Buffer.from(JSON.stringify(job))));
      for (const part of parts) stdin.write(part);
      stdin.end();
      const answer = await readAnswer(stdout);
      if (answer !== undefined) {
        if (answer.reply.kind === "failed") throw new FreezeError(answer.reply.code, answer.reply.message);
        return { reply: answer.reply, snapshot: answer.snapshot };
      }
      await watched.ended;
      throw watched.reason() ?? endedEarly(job, child, watched.stderr());
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw watched.reason() ?? error;
    } finally {
      watched.close();
      child.kill("SIGKILL");
      await watched.ended;
    }
  }

  #spawn(): ChildProcess {
    const program = join(dirname(programPath("builder")), `freeze-main${programExtension()}`);
    return spawn(
      nodePath(),
      [
        ...isolatePermissions("builder", this.#guestDir),
        `--max-old-space-size=${this.#limits.memoryMb}`,
        program,
        this.#guestDir,
      ],
      { env: {}, stdio: ["pipe", "pipe", "pipe"], cwd: dirname(program) },
    );
  }
}

async function readAnswer(
  stdout: AsyncIterable<Buffer>,
): Promise<{ reply: FreezeReply; snapshot: Buffer<ArrayBuffer> } | undefined> {
  const frames = new FrameReader((type) =>
    type === freezeFrame.reply ? maxFreezeReplyBytes : type === freezeFrame.snapshot ? maxPieceBytes : 0,
  );
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdout) {
    for (const { type, payload } of cut(frames, chunk)) {
      if (type === freezeFrame.reply) {
        return { reply: parseReply(payload), snapshot: Buffer.concat(pieces) };
      }
      // All but the last are whole: crumbs would take more memory than what they hold.
      if (payload.length === 0 || bytes % maxPieceBytes !== 0) throw brokenProtocol();
      bytes += payload.length;
      if (bytes > maxSnapshotBytes) {
        throw new FreezeError(
          "NotFreezable",
          `The frozen heap has more than ${maxSnapshotBytes / megabyte} MiB, which every environment would hold`,
        );
      }
      pieces.push(payload);
    }
  }
  return undefined;
}

function cut(frames: FrameReader, chunk: Buffer) {
  try {
    return frames.push(chunk);
  } catch (error) {
    throw brokenProtocol(error);
  }
}

function parseReply(payload: Uint8Array): FreezeReply {
  try {
    return replySchema.parse(JSON.parse(Buffer.from(payload).toString()));
  } catch (error) {
    throw brokenProtocol(error);
  }
}

/** Ends the process when it takes too long or too much, and remembers why. */
function watch(child: ChildProcess, limits: BuilderLimits, signal: AbortSignal) {
  let reason: FreezeError | undefined;
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    // The reason for an abort comes first, heaps of stack after it.
    if (said.length < stderrBytes) said += chunk.toString().slice(0, stderrBytes - said.length);
  });
  const end = (why: FreezeError): void => {
    reason ??= why;
    child.kill("SIGKILL");
  };
  const { memoryMb, timeoutMs } = limits;
  const timer = setTimeout(() => {
    end(
      new FreezeError(
        "BuilderTimedOut",
        `Freezing the heap took longer than ${timeoutMs} ms (setting builderTimeoutMs)`,
      ),
    );
  }, timeoutMs);
  const look = setInterval(() => {
    if (rssBytes(child.pid) > (memoryMb + processMb) * megabyte) end(outOfMemory(memoryMb));
  }, watchMs);
  const abort = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", abort, { once: true });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    ended,
    stderr: () => said,
    reason: () =>
      reason ?? (/heap out of memory|allocation failed/i.test(said) ? outOfMemory(memoryMb) : undefined),
    close: () => {
      clearTimeout(timer);
      clearInterval(look);
      signal.removeEventListener("abort", abort);
    },
  };
}

function outOfMemory(memoryMb: number): FreezeError {
  return new FreezeError(
    "BuilderOutOfMemory",
    `Freezing the heap took more than ${memoryMb} MB of memory (setting builderMemoryMb)`,
  );
}

function rssBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
  } catch {
    // Gone, or a system that does not tell: V8's own limit is left.
    return 0;
  }
}

function brokenProtocol(cause?: unknown): FreezeError {
  return new FreezeError("BuilderFailed", "The builder process broke the protocol", { cause });
}

/** V8 ends the process over what it can't write down; it names the kind of object on stderr. */
function endedEarly(job: FreezeJob | VerifyJob, child: ChildProcess, stderr: string): FreezeError {
  const how = child.signalCode === null ? `exit status ${child.exitCode}` : `signal ${child.signalCode}`;
  if (job.kind === "verify") {
    return new FreezeError(
      "VerifyFailed",
      `A fresh process could not restore the heap: it ended with ${how}`,
    );
  }
  if (stderr.includes("global handle not serialized")) {
    return new FreezeError(
      "NotFreezable",
      "The heap holds an object with native parts that V8 can't freeze (such as one of Intl made in an unusual way)",
    );
  }
  const said = /(?:Fatal error in|Check failed:|Error:)[^\n]*(?:\n#[^\n]*)?/.exec(stderr)?.[0];
  return new FreezeError(
    "BuilderFailed",
    `The process that freezes the heap ended with ${how}${said === undefined ? "" : `: ${said.replace(/\s+/g, " ").slice(0, 500)}`}`,
  );
}
