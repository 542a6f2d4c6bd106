import { processState } from "../process-state.ts";
import { requireInternal } from "../registry.ts";
import { assertString, unavailable } from "./internal/errors.ts";
import { heapStatistics } from "./internal/process-usage.ts";

const limit = () => processState.memorySizeMb * 1024 * 1024;
const notHere = (name: string, instead: string) => () => {
  throw unavailable(`v8.${name}`, instead);
};
const heapStaysInside = "an isolate's heap stays inside";
const noProfiler = "use brisk dev --inspect";

type Serialization = typeof import("./internal/v8-serialize.ts");
const serialization = () => requireInternal("brisk:node/internal/v8-serialize") as Serialization;

/** The isolate's own; what is allotted outside of the heap counts as external. */
function getHeapStatistics() {
  const heap = heapStatistics();
  const of = (name: string) => heap[name] ?? 0;
  const outside = heap.externally_allocated_size;
  return {
    total_heap_size: heap.total_heap_size,
    total_heap_size_executable: of("total_heap_size_executable"),
    total_physical_size: heap.total_physical_size,
    total_available_size: Math.max(0, limit() - heap.used_heap_size - outside),
    used_heap_size: heap.used_heap_size,
    heap_size_limit: limit(),
    malloced_memory: of("malloced_memory"),
    peak_malloced_memory: of("peak_malloced_memory"),
    does_zap_garbage: 0,
    number_of_native_contexts: 1,
    number_of_detached_contexts: 0,
    total_global_handles_size: 0,
    used_global_handles_size: 0,
    external_memory: outside,
    total_allocated_bytes: heap.used_heap_size,
  };
}

/** Spaces are not told apart: one holds all. */
function getHeapSpaceStatistics() {
  const heap = heapStatistics();
  return [
    {
      space_name: "old_space",
      space_size: heap.total_heap_size,
      space_used_size: heap.used_heap_size,
      space_available_size: heap.total_heap_size - heap.used_heap_size,
      physical_space_size: heap.total_physical_size,
    },
  ];
}

const notLatin1 = /[^\0-\xff]/;

export default {
  cachedDataVersionTag: () => 0,
  getHeapStatistics,
  getHeapSpaceStatistics,
  getHeapCodeStatistics: () => ({
    code_and_metadata_size: 0,
    bytecode_and_metadata_size: 0,
    external_script_source_size: 0,
    cpu_profiler_metadata_size: 0,
  }),
  getCppHeapStatistics: notHere("getCppHeapStatistics", heapStaysInside),
  setFlagsFromString(flags: unknown): void {
    assertString(flags, "flags");
  },
  setHeapSnapshotNearHeapLimit() {},
  setHeapProfileNearHeapLimit() {},
  isStringOneByteRepresentation(content: unknown): boolean {
    assertString(content, "content");
    return !notLatin1.test(content);
  },
  startupSnapshot: {
    isBuildingSnapshot: () => false,
    addSerializeCallback() {},
    addDeserializeCallback() {},
    setDeserializeMainFunction() {},
  },
  get Serializer() {
    return serialization().Serializer;
  },
  get Deserializer() {
    return serialization().Deserializer;
  },
  get DefaultSerializer() {
    return serialization().DefaultSerializer;
  },
  get DefaultDeserializer() {
    return serialization().DefaultDeserializer;
  },
  serialize: (value: unknown) => serialization().serialize(value),
  deserialize: (bytes: ArrayBufferView) => serialization().deserialize(bytes),
  writeHeapSnapshot: notHere("writeHeapSnapshot", heapStaysInside),
  getHeapSnapshot: notHere("getHeapSnapshot", heapStaysInside),
  queryObjects: notHere("queryObjects", heapStaysInside),
  startCpuProfile: notHere("startCpuProfile", noProfiler),
  startHeapProfile: notHere("startHeapProfile", noProfiler),
  GCProfiler: class GCProfiler {
    constructor() {
      throw unavailable("v8.GCProfiler", noProfiler);
    }
  },
  takeCoverage() {},
  stopCoverage() {},
};
