import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "cluster",
  "each environment serves one event at a time, and concurrency comes from more environments",
  ["fork", "setupPrimary", "setupMaster", "disconnect"],
  { isMaster: true, isPrimary: true, isWorker: false, workers: {}, settings: {} },
);
