import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "child_process",
  "an environment has no processes: call another function, or a service over fetch",
  ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync", "ChildProcess"],
);
