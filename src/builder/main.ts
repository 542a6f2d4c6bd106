/**
 * The program of a builder process: one job from stdin, replies to stdout, and the end. It reads nothing but
 * its own program and writes no file; whatever a hostile zip makes of it, it has no more than that.
 */
import { Buffer } from "node:buffer";
import { Console } from "node:console";
import {
  type BuilderJob,
  type BuilderReply,
  builderFrame,
  encodeFrame,
  FrameReader,
  maxBundleBytes,
  maxPieceBytes,
  maxReplyBytes,
} from "../model/builder-messages.ts";
import { bundleFunction } from "./bundle.ts";
import { startEsbuild } from "./esbuild.ts";
import { openZipArchive, ZipRefusal } from "./zip-archive.ts";

// Replies alone go to stdout; esbuild prints there what it dies of.
globalThis.console = new Console(process.stderr, process.stderr);
await run();

async function run(): Promise<void> {
  const { job, zip } = await readJob();
  // Compiled on other threads while the zip is read.
  const esbuild = startEsbuild();
  esbuild.catch(() => {});
  try {
    const archive = await openZipArchive(zip);
    await reply({ kind: "inspected" });
    const bundle = await bundleFunction(archive, job.handler, await esbuild);
    await send(builderFrame.script, Buffer.from(bundle.code));
    await send(builderFrame.map, Buffer.from(bundle.map));
    await reply({ kind: "bundled", builtins: bundle.builtins });
  } catch (error) {
    await reply(
      error instanceof ZipRefusal
        ? { kind: "refused", message: error.message }
        : { kind: "failed", message: error instanceof Error ? error.message : String(error) },
    );
  }
  process.exit(0);
}

async function readJob(): Promise<{ job: BuilderJob; zip: Buffer }> {
  const reader = new FrameReader((type) => (type === builderFrame.job ? maxReplyBytes : 0));
  const pieces: Uint8Array[] = [];
  let job: BuilderJob | undefined;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (job !== undefined) {
      pieces.push(chunk);
      continue;
    }
    const [frame] = reader.pushFirst(chunk);
    if (frame === undefined) continue;
    job = JSON.parse(Buffer.from(frame.payload).toString()) as BuilderJob;
    pieces.push(reader.rest);
  }
  // A spare that is not needed any more is told so by the end of its input.
  if (job === undefined) process.exit(0);
  return { job, zip: Buffer.concat(pieces) };
}

async function send(type: number, bytes: Buffer): Promise<void> {
  if (bytes.length > maxBundleBytes)
    throw new Error(`the bundle has ${bytes.length} bytes, at most ${maxBundleBytes} are allowed`);
  for (let at = 0; at < bytes.length; at += maxPieceBytes)
    await write(encodeFrame(type, bytes.subarray(at, at + maxPieceBytes)));
}

function reply(message: BuilderReply): Promise<void> {
  const shortened = "message" in message ? { ...message, message: message.message.slice(0, 4096) } : message;
  return write(encodeFrame(builderFrame.reply, Buffer.from(JSON.stringify(shortened))));
}

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
