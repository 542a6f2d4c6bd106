import { requireInternal } from "../registry.ts";

export default requireInternal("library:assert") as Record<string, unknown>;
