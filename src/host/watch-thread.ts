import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { FrameWriter, FromHost } from "../model/wire/index.ts";

/** A turn seen at two looks in a row is a long one. */
const lookMs = 50;

const { slots, fd } = workerData as { slots: Int32Array; fd: number };
const writer = new FrameWriter((buffers) => {
  for (const buffer of buffers) writeSync(fd, buffer);
});
let lastSeen = 0;
let reported = 0;

setInterval(() => {
  const turn = Atomics.load(slots, 0);
  const isSame = turn === lastSeen;
  lastSeen = turn;
  if (!isSame || (turn & 1) === 0 || turn === reported) return;
  reported = turn;
  Atomics.store(slots, 3, 1);
  writer.begin(FromHost.longTurn, Atomics.load(slots, 1)).u32(Atomics.load(slots, 2)).end();
  writer.flush();
}, lookMs);
