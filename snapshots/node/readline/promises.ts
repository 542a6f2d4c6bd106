import { unavailableModule } from "../internal/unavailable-module.ts";

export default unavailableModule(
  "readline/promises",
  "an environment has no terminal: split a stream's text by lines",
  ["createInterface", "Interface", "Readline"],
);
