import { requireInternal } from "../registry.ts";

export default requireInternal("library:https") as Record<string, unknown>;
