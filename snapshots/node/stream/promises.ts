import { requireInternal } from "../../registry.ts";

export default requireInternal("library:stream/promises") as Record<string, unknown>;
