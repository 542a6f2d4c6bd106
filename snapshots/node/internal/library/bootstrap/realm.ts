import { builtinNames } from "../../builtin-names.ts";

const names = new Set(builtinNames);

/** What is a module of Node's: the library shows their stack frames in grey. */
export const BuiltinModule = {
  exists: (id: string): boolean => names.has(id) || id.startsWith("internal/"),
  canBeRequiredByUsers: (id: string): boolean => names.has(id),
  canBeRequiredWithoutScheme: (id: string): boolean => names.has(id) && id !== "test",
  normalizeRequirableId: (id: string): string | undefined => {
    const name = id.startsWith("node:") ? id.slice(5) : id;
    return names.has(name) ? name : undefined;
  },
};
