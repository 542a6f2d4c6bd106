import { requireInternal } from "../../registry.ts";

export default requireInternal("library:fs/promises") as Record<string, unknown>;
