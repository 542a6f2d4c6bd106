import { requireInternal } from "../registry.ts";
import { createHistogram, monitorEventLoopDelay } from "./internal/histogram.ts";

interface WebPerformance {
  readonly performance: {
    eventLoopUtilization(before?: object, after?: object): object;
    timerify(fn: (...args: unknown[]) => unknown, options?: object): (...args: unknown[]) => unknown;
  };
  readonly [name: string]: unknown;
}

// Not the global, which a function may have replaced.
const web = requireInternal("brisk:web/lazy/performance") as WebPerformance;
const { performance } = web;
const { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure } = web;
const { PerformanceObserver, PerformanceObserverEntryList, PerformanceResourceTiming } = web;

export default {
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  PerformanceObserver,
  PerformanceObserverEntryList,
  PerformanceResourceTiming,
  monitorEventLoopDelay,
  eventLoopUtilization: performance.eventLoopUtilization,
  timerify: performance.timerify,
  createHistogram,
  performance,
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4,
    NODE_PERFORMANCE_GC_MINOR: 1,
    NODE_PERFORMANCE_GC_MINOR_MARK_SWEEP: 2,
    NODE_PERFORMANCE_GC_INCREMENTAL: 8,
    NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0,
    NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
    NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
    NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
    NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  },
};
