/**
 * The program of a builder process that makes or tries a snapshot: `freeze-main GUEST_DIR`, one job from stdin, a
 * reply to stdout, and the end. The function's init runs in here, without any host: it may loop, eat memory or
 * make V8 abort, and whoever started this process counts on it.
 */
import { Buffer } from "node:buffer";
import { encodeFrame, FrameReader, maxPieceBytes, maxReplyBytes } from "../model/builder-messages.ts";
import { type FreezeJob, type FreezeReply, freezeFrame, type VerifyJob } from "../model/freeze-messages.ts";
import type { Recording } from "../model/tape.ts";
import { freezeHeap } from "./freeze-heap.ts";
import { factsOf } from "./recording-facts.ts";
import { verifyHeap } from "./verify-heap.ts";

const guestDir = process.argv[2];
if (guestDir === undefined)
  throw new TypeError("Cannot freeze a heap: the folder of the guest heap is not given");
const { job, parts } = await readJob();
const reply = job.kind === "freeze" ? await freeze(job, parts) : verifyHeap(parts);
await write(encodeFrame(freezeFrame.reply, Buffer.from(JSON.stringify(reply))));
process.exit(0);

async function freeze(freezeJob: FreezeJob, bytes: Buffer): Promise<FreezeReply> {
  const { recordingBytes, scriptBytes } = freezeJob;
  const recording = JSON.parse(bytes.toString("utf8", 0, recordingBytes)) as Recording;
  if (recording.notFreezable !== undefined) {
    return { kind: "failed", code: "NotFreezable", message: recording.notFreezable.slice(0, 4096) };
  }
  const script = bytes.toString("utf8", recordingBytes, recordingBytes + scriptBytes);
  const mapJson = () => bytes.toString("utf8", recordingBytes + scriptBytes);
  const outcome = freezeHeap({
    guestDir: guestDir as string,
    recording,
    script,
    mapJson,
    isPrimed: freezeJob.isPrimed,
  });
  if (outcome.kind === "failed") return { ...outcome, message: outcome.message.slice(0, 4096) };
  for (let at = 0; at < outcome.snapshot.length; at += maxPieceBytes) {
    await write(encodeFrame(freezeFrame.snapshot, outcome.snapshot.subarray(at, at + maxPieceBytes)));
  }
  return { kind: "frozen", facts: factsOf(recording, script, mapJson(), freezeJob.isPrimed) };
}

async function readJob(): Promise<{ job: FreezeJob | VerifyJob; parts: Buffer }> {
  const reader = new FrameReader((type) => (type === freezeFrame.job ? maxReplyBytes : 0));
  const pieces: Uint8Array[] = [];
  let found: FreezeJob | VerifyJob | undefined;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (found !== undefined) {
      pieces.push(chunk);
      continue;
    }
    const [frame] = reader.pushFirst(chunk);
    if (frame === undefined) continue;
    found = JSON.parse(Buffer.from(frame.payload).toString()) as FreezeJob | VerifyJob;
    pieces.push(reader.rest);
  }
  // Whoever started us went away.
  if (found === undefined) process.exit(0);
  return { job: found, parts: Buffer.concat(pieces) };
}

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
