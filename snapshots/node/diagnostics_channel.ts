import { requireInternal } from "../registry.ts";

export default requireInternal("library:diagnostics_channel") as Record<string, unknown>;
