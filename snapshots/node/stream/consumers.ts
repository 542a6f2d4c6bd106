import { requireInternal } from "../../registry.ts";

export default requireInternal("library:stream/consumers") as Record<string, unknown>;
