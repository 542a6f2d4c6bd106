import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "readline",
  "an environment has no terminal: split a stream's text by lines",
  ["createInterface", "Interface", "emitKeypressEvents"],
  {
    clearLine: () => true,
    clearScreenDown: () => true,
    cursorTo: () => true,
    moveCursor: () => true,
    promises: {},
  },
);
