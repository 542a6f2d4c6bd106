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
  warmBuilder,
} from "../model/builder-messages.ts";
import { bundleFunction } from "./bundle.ts";
import { esbuildOnDemand, warmEsbuild } from "./esbuild.ts";
import { packFiles } from "./pack-files.ts";
import { PackageFiles } from "./package-files.ts";
import { checkTotalSize, openZipArchive, type ZipArchive, ZipRefusal } from "./zip-archive.ts";

// Replies alone go to stdout; esbuild prints there what it dies of.
globalThis.console = new Console(process.stderr, process.stderr);
const warm = process.argv.includes(warmBuilder) ? warmEsbuild() : undefined;
await run();

async function run(): Promise<void> {
  try {
    const { job, zips } = await readJob();
    if (job.kind === "bundle") await bundle(job, zips);
    else {
      await openArchives(zips);
      await reply({ kind: "inspected" });
    }
  } catch (error) {
    await reply(
      error instanceof ZipRefusal
        ? { kind: "refused", message: error.message }
        : { kind: "failed", message: error instanceof Error ? error.message : String(error) },
    );
  }
  process.exit(0);
}

async function bundle(job: BuilderJob & { kind: "bundle" }, zips: readonly Buffer[]): Promise<void> {
  const esbuild = warm ?? esbuildOnDemand(zips.reduce((sum, { length }) => sum + length, 0));
  const [task, ...layers] = await openArchives(zips);
  if (task === undefined) throw new Error("a job to bundle came without a zip");
  checkTotalSize(task, layers);
  await reply({ kind: "inspected" });
  const packageFiles = new PackageFiles(task, layers);
  const built = await bundleFunction(packageFiles, job, esbuild);
  await send(builderFrame.script, Buffer.from(built.code));
  await send(builderFrame.map, Buffer.from(built.map));
  const files = await packFiles(packageFiles, (section) => write(encodeFrame(builderFrame.files, section)));
  await reply({ kind: "bundled", builtins: built.builtins, files });
}

async function openArchives(zips: readonly Buffer[]): Promise<ZipArchive[]> {
  const archives: ZipArchive[] = [];
  for (const zip of zips) archives.push(await openZipArchive(zip));
  return archives;
}

async function readJob(): Promise<{ job: BuilderJob; zips: readonly Buffer[] }> {
  const limits: Record<number, number> = {
    [builderFrame.job]: maxReplyBytes,
    [builderFrame.zip]: maxPieceBytes,
  };
  const reader = new FrameReader((type) => limits[type] ?? 0);
  const zips: Buffer[] = [];
  let pieces: Uint8Array[] = [];
  let job: BuilderJob | undefined;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    for (const { type, payload } of reader.push(chunk)) {
      if (type === builderFrame.job) job = JSON.parse(Buffer.from(payload).toString()) as BuilderJob;
      else if (type === builderFrame.zip) pieces.push(payload);
      else {
        zips.push(Buffer.concat(pieces));
        pieces = [];
      }
    }
  }
  // A spare that is not needed any more is told so by the end of its input.
  if (job === undefined) process.exit(0);
  // Who sent it could not read one of them: without it, this would be another function.
  if (zips.length !== job.zips) throw new Error(`of ${job.zips} zips ${zips.length} came`);
  return { job, zips };
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
