import { requireInternal } from "../registry.ts";

export default requireInternal("library:dns") as Record<string, unknown>;
