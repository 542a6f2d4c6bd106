import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule(
  "domain",
  "use AsyncLocalStorage for what goes along with a call, and try or catch for its errors",
  ["create", "createDomain", "Domain"],
  { active: null },
);
