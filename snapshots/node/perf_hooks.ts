import { web } from "./internal/web.ts";

type Entry = { name: string; entryType: string; startTime: number; duration: number };

/** Observers are accepted; nothing in an isolate reports to them. */
class PerformanceObserver {
  static readonly supportedEntryTypes: readonly string[] = [];
  observe(): void {}
  disconnect(): void {}
  takeRecords(): Entry[] {
    return [];
  }
}

const exported = {
  PerformanceObserver,
  constants: {},
  createHistogram: () => ({ min: 0, max: 0, mean: 0, stddev: 0, count: 0, record() {}, reset() {} }),
  monitorEventLoopDelay: () => ({
    min: 0,
    max: 0,
    mean: 0,
    stddev: 0,
    enable: () => true,
    disable: () => true,
    reset() {},
    percentile: () => 0,
  }),
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
};
Object.defineProperty(exported, "performance", { enumerable: true, get: () => web.performance });

export default exported;
