import { processState } from "../process-state.ts";
import { unavailable } from "./internal/errors.ts";

const limit = () => processState.memorySizeMb * 1024 * 1024;
const notHere = (name: string, instead: string) => () => {
  throw unavailable(`v8.${name}`, instead);
};
const serialization = "use JSON or structuredClone";

export default {
  cachedDataVersionTag: () => 0,
  getHeapStatistics: () => ({
    total_heap_size: limit(),
    total_heap_size_executable: 0,
    total_physical_size: limit(),
    total_available_size: limit(),
    used_heap_size: 0,
    heap_size_limit: limit(),
    malloced_memory: 0,
    peak_malloced_memory: 0,
    does_zap_garbage: 0,
    number_of_native_contexts: 1,
    number_of_detached_contexts: 0,
  }),
  getHeapSpaceStatistics: () => [],
  getHeapCodeStatistics: () => ({}),
  setFlagsFromString() {},
  startupSnapshot: {
    isBuildingSnapshot: () => false,
    addSerializeCallback() {},
    addDeserializeCallback() {},
    setDeserializeMainFunction() {},
  },
  serialize: notHere("serialize", serialization),
  deserialize: notHere("deserialize", serialization),
  writeHeapSnapshot: notHere("writeHeapSnapshot", "an isolate's heap stays inside"),
  getHeapSnapshot: notHere("getHeapSnapshot", "an isolate's heap stays inside"),
  takeCoverage() {},
  stopCoverage() {},
};
