import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "inspector",
  "an isolate cannot be debugged from inside",
  ["open", "Session", "waitForDebugger"],
  { url: () => undefined, close() {}, console: {} },
);
