/** Isolates opened to debuggers, as `brisk dev --inspect` has it. */
export { InspectorServer } from "./inspector-server.ts";
export { debuggersSourceMap } from "./source-map.ts";
