import { requireInternal } from "../registry.ts";

export default requireInternal("library:vm") as Record<string, unknown>;
