import { requireInternal } from "../registry.ts";

export default requireInternal("library:readline") as Record<string, unknown>;
