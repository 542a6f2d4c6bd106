import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule("repl", "an environment has no terminal", ["start", "REPLServer"]);
