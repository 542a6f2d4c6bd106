/**
 * The program of a host process: `main GUEST_DIR [PACKS_DIR SCRATCH_DIR]`. File descriptor 3 carries frames both ways, 4 the reports of
 * the watch thread. It ends when the supervisor closes its side.
 */
import { Socket } from "node:net";
import { freeBytes } from "../model/free-bytes.ts";
import { FrameReader, FrameWriter, FromHost, maxSupervisorFrameBytes } from "../model/wire/index.ts";
import { HostFiles } from "./files/index.ts";
import { GuestHeap } from "./heap.ts";
import { Host } from "./host.ts";
import { Outbox } from "./outbox.ts";
import { TurnWatch } from "./turn-watch.ts";

const [guestDir, packsDir, scratchDir] = process.argv.slice(2);
if (guestDir === undefined)
  throw new TypeError("Cannot start a host: the folder of the guest heap is not given");

// An error that crosses into an isolate takes its stack along; ours would tell guests about this machine.
Error.stackTraceLimit = 0;

const pipe = new Socket({ fd: 3, readable: true, writable: true });
const outbox = new Outbox(
  new FrameWriter((buffers) => {
    if (buffers.length > 1) pipe.cork();
    // Large values are ours alone: copies of the guest's, or made of its text.
    for (const buffer of buffers) pipe.write(buffer, () => freeBytes(buffer));
    if (buffers.length > 1) pipe.uncork();
  }),
);
const host = new Host(
  new GuestHeap(guestDir),
  outbox,
  new TurnWatch(4),
  new HostFiles({ packsDir, scratchDir }),
);
const reader = new FrameReader(maxSupervisorFrameBytes, (kind, id, frame) => host.handle(kind, id, frame));
pipe.on("data", (chunk: Buffer) => reader.push(chunk));
pipe.on("end", () => {
  const exit = () => process.exit(0);
  // What an isolate under a debugger runs may not end.
  setTimeout(exit, 2000);
  void host.close().then(exit, exit);
});
pipe.on("error", () => process.exit(1));
outbox.writer.begin(FromHost.ready, 0).string(process.versions.v8).end();
outbox.flush();
