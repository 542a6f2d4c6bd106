import { loadLazy } from "./lazy.ts";

type Namespace = Record<string, unknown>;
type Compile = (source: unknown, imports?: unknown) => Promise<unknown>;

/** V8 has the streaming forms only where somebody embeds it with a fetch: here they read the body, and then compile. */
export function addStreamingTo(namespace: Namespace): void {
  const { compile, instantiate } = namespace as Record<string, Compile>;
  const methods: Record<string, Compile> = {
    compileStreaming: async (source) => compile!(await loadLazy("web-assembly").read(source)),
    instantiateStreaming: async (source, ...imports) =>
      instantiate!(await loadLazy("web-assembly").read(source), ...imports),
  };
  for (const name in methods) {
    Object.defineProperty(namespace, name, {
      value: methods[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
