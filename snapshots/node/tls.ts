import { requireInternal } from "../registry.ts";

export default requireInternal("library:tls") as Record<string, unknown>;
