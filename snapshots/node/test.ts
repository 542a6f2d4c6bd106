import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule("test", "run tests with Node itself", [
  "test",
  "describe",
  "it",
  "before",
  "after",
  "beforeEach",
  "afterEach",
]);
