import { requireInternal } from "../registry.ts";

export default requireInternal("library:fs") as Record<string, unknown>;
