import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "trace_events",
  "an environment writes no traces of V8's: use node:perf_hooks",
  ["createTracing"],
  { getEnabledCategories: (): undefined => undefined },
);
