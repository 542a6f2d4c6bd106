import { callSync } from "../../bridge.ts";
import { processState } from "../../process-state.ts";
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";

/** What process says of time and memory. A function sees its own clock and its limit, and nothing of its host. */
export interface CpuUsage {
  user: number;
  system: number;
}

const startMs = callSync("clock.monotonic") as number;
const monotonicMs = () => callSync("clock.monotonic") as number;

export function hrtime(previous?: [number, number]): [number, number] {
  const nowMs = monotonicMs();
  let seconds = Math.trunc(nowMs / 1000);
  let nanoseconds = Math.trunc((nowMs % 1000) * 1e6);
  if (previous !== undefined) {
    if (!Array.isArray(previous)) throw invalidArgType("time", "an instance of Array", previous);
    if (previous.length !== 2) throw outOfRange("time", "2", (previous as unknown[]).length);
    seconds -= previous[0];
    nanoseconds -= previous[1];
    if (nanoseconds < 0) {
      seconds--;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.trunc(monotonicMs() * 1e6));

export const uptime = () => (monotonicMs() - startMs) / 1000;

/** Time since the module was loaded: an isolate's own CPU time is its host's to know. */
export function cpuUsage(previous?: CpuUsage): CpuUsage {
  const user = Math.trunc((monotonicMs() - startMs) * 1000);
  if (previous === undefined || (previous as unknown) === null) return { user, system: 0 };
  if (typeof previous !== "object" || Array.isArray(previous)) {
    throw invalidArgType("prevValue", "of type object", previous);
  }
  checkTime(previous.user, "prevValue.user");
  checkTime(previous.system, "prevValue.system");
  return { user: user - previous.user, system: 0 - previous.system };
}

function checkTime(value: unknown, name: string): void {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return;
  throw nodeError(
    RangeError,
    "ERR_INVALID_ARG_VALUE",
    `The property '${name}' is invalid. Received ${String(value)}`,
  );
}

const limitBytes = () => processState.memorySizeMb * 1024 * 1024;

export { limitBytes as availableMemory, limitBytes as constrainedMemory };

/** What V8 tells of a heap; all are bytes but the counts. */
export interface HeapStatistics {
  readonly total_heap_size: number;
  readonly total_physical_size: number;
  readonly used_heap_size: number;
  readonly externally_allocated_size: number;
  readonly [name: string]: number;
}

export const heapStatistics = () => JSON.parse(callSync("system.heap") as string) as HeapStatistics;

/** The isolate's own: of its host's memory a function sees nothing. */
export function memoryUsage() {
  const heap = heapStatistics();
  const outside = heap.externally_allocated_size;
  return {
    rss: heap.total_physical_size + outside,
    heapTotal: heap.total_heap_size,
    heapUsed: heap.used_heap_size,
    external: outside,
    arrayBuffers: outside,
  };
}
memoryUsage.rss = () => memoryUsage().rss;

const uncounted = [
  "sharedMemorySize",
  "unsharedDataSize",
  "unsharedStackSize",
  "minorPageFault",
  "majorPageFault",
  "swappedOut",
  "fsRead",
  "fsWrite",
  "ipcSent",
  "ipcReceived",
  "signalsCount",
  "voluntaryContextSwitches",
  "involuntaryContextSwitches",
];

export function resourceUsage(): Record<string, number> {
  const usage: Record<string, number> = {
    userCPUTime: cpuUsage().user,
    systemCPUTime: 0,
    maxRSS: limitBytes() / 1024,
  };
  for (const name of uncounted) usage[name] = 0;
  return usage;
}
