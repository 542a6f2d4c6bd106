import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "wasi",
  "give a WebAssembly module its imports yourself, or use a package of JavaScript that does",
  ["WASI"],
);
