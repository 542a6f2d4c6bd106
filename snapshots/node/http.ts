import { requireInternal } from "../registry.ts";

export default requireInternal("library:http") as Record<string, unknown>;
