import { requireInternal } from "../registry.ts";
import { web } from "./internal/web.ts";

type ConsoleClass = new (options: object) => Record<string, (...args: unknown[]) => void>;

const exported: Record<string, unknown> = { ...web.console };

// Node's own, on whatever streams it is given; compiled when somebody wants one.
Object.defineProperty(exported, "Console", {
  get: () => (requireInternal("library:internal/console/constructor") as { Console: ConsoleClass }).Console,
  enumerable: true,
  configurable: true,
});

export default exported;
