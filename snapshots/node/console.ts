import { web } from "./internal/web.ts";

const exported: Record<string, unknown> = { ...web.console };

/** A console on streams is Node's; here each one writes to the function's log. */
exported["Console"] = function Console(): object {
  return { ...web.console };
};

export default exported;
