import { requireInternal } from "../../../registry.ts";

export const { URLPattern } = requireInternal("brisk:web/lazy/url-pattern") as { URLPattern: unknown };
