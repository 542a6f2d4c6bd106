import { requireInternal } from "../registry.ts";

export default requireInternal("library:net") as Record<string, unknown>;
