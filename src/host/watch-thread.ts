import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { FrameWriter, FromHost } from "../model/wire/index.ts";

const lookMs = 50;
/** A turn that lasts for so many looks is a long one, if our process had the processor meanwhile. */
const busyLooks = 2;
/** One that only waits (Atomics.wait does), or whose process the machine does not let run, is given longer. */
const waitingLooks = 10;

const { slots, fd } = workerData as { slots: Int32Array; fd: number };
const writer = new FrameWriter((buffers) => {
  for (const buffer of buffers) writeSync(fd, buffer);
});
let lastSeen = 0;
let reported = 0;
let looks = 0;
let reports = 0;
let cpuAtFirstLook = 0;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

setInterval(() => {
  const turn = Atomics.load(slots, 0);
  if (turn !== lastSeen || (turn & 1) === 0) {
    lastSeen = turn;
    looks = 0;
    if ((turn & 1) === 1) cpuAtFirstLook = cpuMs();
    return;
  }
  looks++;
  if (turn === reported || looks < busyLooks) return;
  const isBusy = cpuMs() - cpuAtFirstLook >= (looks * lookMs) / 2;
  if (!isBusy && looks < waitingLooks) return;
  reported = turn;
  const invocation = Atomics.load(slots, 1);
  Atomics.store(slots, 4, invocation);
  Atomics.store(slots, 3, ++reports);
  // Read behind the announcement: what is started after this is started by a main thread that knows of it.
  const lastStarted = Atomics.load(slots, 2);
  writer.begin(FromHost.longTurn, invocation).u32(lastStarted).u32(reports).end();
  writer.flush();
}, lookMs);
