import { requireInternal } from "../../registry.ts";

export default requireInternal("library:assert/strict") as Record<string, unknown>;
