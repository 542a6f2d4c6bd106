import { requireInternal } from "../../registry.ts";

export default requireInternal("library:readline/promises") as Record<string, unknown>;
