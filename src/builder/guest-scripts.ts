import { glob, readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild-wasm";
import { moduleScript } from "./guest-module-script.ts";
import { GuestScriptCache } from "./guest-script-cache.ts";
import { libraryModules, libraryPrefix, type Resolve, readNodeLibrary } from "./node-library.ts";

/** The guest as text: the base heap's script, and one script for each module that is compiled on demand. */
export interface GuestScripts {
  readonly base: string;
  /** By specifier: `node:fs/promises`, `brisk:web/lazy/fetch`. */
  readonly modules: ReadonlyMap<string, string>;
}

/**
 * Bundles `snapshots/`. Each of our files is one module of the guest, known as `brisk:<path>` (a file under `node/`
 * with a public name also as `node:<name>`), so that two modules that import it share one instance. Only what
 * comes from npm packages is copied into the module that imports it.
 */
export async function bundleGuest(dir: string): Promise<GuestScripts> {
  const files: string[] = [];
  for await (const file of glob("**/*.ts", { cwd: dir }))
    if (!file.endsWith(".d.ts")) files.push(file.replaceAll("\\", "/"));
  files.sort();
  const onDemand = files.filter((file) => isOnDemand(file) && !isPart(file));
  const inBase = files.filter((file) => !isOnDemand(file) && file !== "main.ts" && !isTable(file));
  const cache = await openCache(dir);
  const read = (of: readonly string[]) => Promise.all(of.map((file) => readFile(join(dir, file), "utf8")));
  const partsOf = (file: string) =>
    files.filter((part) => part.startsWith(`${file.slice(0, -".ts".length)}/`));
  const [base, library, ...modules] = await Promise.all([
    cache.get(["base", ...inBase, ...(await read(["main.ts", ...inBase]))], () => bundleBase(dir, inBase)),
    bundleLibrary(dir, onDemand, cache),
    ...onDemand.map(async (file) => {
      const texts = await read([file, ...partsOf(file)]);
      return cache.get([file, ...partsOf(file), ...texts], () => bundleModule(dir, file));
    }),
  ]);
  await cache.clean();
  const own = onDemand.map((file, index): [string, string] => [specifierOf(file), modules[index]!]);
  return { base, modules: new Map([...own, ...library]) };
}

/** What the scripts depend on besides the guest's files: how they are made, and the packages that some of them contain. */
async function openCache(dir: string): Promise<GuestScriptCache> {
  const root = dirname(dir);
  const builders = ["guest-scripts", "guest-module-script", "node-library", "node-library-imports"];
  const here = builders.map((name) => join(import.meta.dirname, name + extname(import.meta.filename)));
  const salt = await Promise.all(
    [...here, join(root, "package-lock.json")].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return new GuestScriptCache(
    join(root, "node_modules", ".cache", "brisk", "guest-scripts"),
    salt.join("\n"),
  );
}

/** Of Node's own library, what our files ask for as `library:…`, and what that asks for. */
async function bundleLibrary(
  dir: string,
  files: readonly string[],
  cache: GuestScriptCache,
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")));
  const roots = texts.flatMap((text) => [...text.matchAll(/"(library:[^"]+)"/g)].map(([, root]) => root!));
  const present = new Set(files);
  // A module of ours that is the library's own is left out between the library's files, which know their circles.
  const isLibrary = new Set(roots);
  const resolve: Resolve = (id) => {
    const name = id.replace(/^node:/, "");
    const ours = name.startsWith("internal/")
      ? `node/internal/library/${name.slice("internal/".length)}.ts`
      : `node/${name}.ts`;
    const specifier = `${libraryPrefix}${name}`;
    return present.has(ours) && !isLibrary.has(specifier) ? specifierOf(ours) : specifier;
  };
  return libraryModules(await readNodeLibrary(), roots, resolve, cache);
}

function isOnDemand(file: string): boolean {
  return (file.startsWith("node/") && !isTable(file)) || file.includes("/lazy/");
}

/** `web/lazy/fetch/headers.ts` belongs to `web/lazy/fetch.ts` alone, and is bundled into it: one script to load, not eight. */
function isPart(file: string): boolean {
  return /\/lazy\/[^/]+\//.test(file);
}

/** The table of what is provided is documentation that compiles: no heap holds it. */
function isTable(file: string): boolean {
  return /(^|\/)provide[sd](-\w+)?\.ts$/.test(file);
}

function specifierOf(file: string): string {
  const path = file.slice(0, -".ts".length);
  return path.startsWith("node/") && !path.startsWith("node/internal/")
    ? `node:${path.slice("node/".length)}`
    : `brisk:${path}`;
}

async function bundleBase(dir: string, files: readonly string[]): Promise<string> {
  const registry: Plugin = {
    name: "registry",
    setup(builder) {
      builder.onResolve({ filter: /^brisk:registry$/ }, () => ({ path: "registry", namespace: "brisk" }));
      builder.onLoad({ filter: /.*/, namespace: "brisk" }, () => ({
        contents: [
          ...files.map((file, index) => `import * as m${index} from ${JSON.stringify(`./${file}`)};`),
          `export default { ${files.map((file, index) => `${JSON.stringify(specifierOf(file))}: m${index}`).join(", ")} };`,
        ].join("\n"),
        resolveDir: dir,
      }));
    },
  };
  return bundle({ entry: join(dir, "main.ts"), format: "iife", plugins: [registry] });
}

async function bundleModule(dir: string, file: string): Promise<string> {
  const script = await bundle({
    entry: join(dir, file),
    format: "cjs",
    plugins: [references(dir, join(dir, file))],
  });
  return moduleScript(script);
}

/** Leaves references to other modules of the guest for the guest's own `require`. */
function references(dir: string, entry: string): Plugin {
  return {
    name: "references",
    setup(builder) {
      builder.onResolve({ filter: /^(node:|brisk:)/ }, ({ path }) => ({ path, external: true }));
      // What a package asks for by a bare name is the guest's module if there is one.
      builder.onResolve(
        { filter: /^[a-z_-]+(\/[a-z_]*)?$/ },
        async ({ path: name, importer, resolveDir, pluginData }) => {
          const path = name.replace(/\/$/, "");
          if (importer === "" || !importer.includes("node_modules") || pluginData === "inner")
            return undefined;
          const instead = replaced.get(path);
          if (instead !== undefined) return { path: instead, external: true };
          return nodeModules.has(path)
            ? { path: `node:${path}`, external: true }
            : {
                ...(await builder.resolve(path, {
                  resolveDir,
                  importer,
                  kind: "require-call",
                  pluginData: "inner",
                })),
              };
        },
      );
      builder.onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) => {
        if (importer.includes("node_modules")) return undefined;
        const target = resolve(resolveDir, path);
        const file = relative(dir, target).replaceAll("\\", "/");
        const isOwnPart = isPart(file) && target.startsWith(`${entry.slice(0, -".ts".length)}/`);
        if (target === entry || isOwnPart) return undefined;
        return { path: specifierOf(file), external: true };
      });
    },
  };
}

/** Bare names that packages use for node modules. */
const nodeModules: ReadonlySet<string> = new Set([
  "assert",
  "buffer",
  "events",
  "process",
  "punycode",
  "querystring",
  "stream",
  "string_decoder",
  "timers",
  "url",
  "util",
]);

/** Packages that packages ask for where the guest has the same thing, or where our use never gets to them. */
const replaced: ReadonlyMap<string, string> = new Map([
  ["abort-controller", "brisk:web/lazy/abort"],
  ["qs", "node:querystring"],
]);

async function bundle(options: {
  entry: string;
  format: "iife" | "cjs";
  plugins: Plugin[];
}): Promise<string> {
  const result = await build({
    // Not by its path: a file that esbuild takes for an ES module of Node gets Node's odd default imports.
    stdin: {
      contents: await readFile(options.entry, "utf8"),
      loader: "ts",
      resolveDir: dirname(options.entry),
      sourcefile: options.entry,
    },
    bundle: true,
    write: false,
    format: options.format,
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2024",
    // Names stay, since they show in stacks and in console output; white space and syntax are bytes of every heap.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    logLevel: "silent",
    plugins: options.plugins,
  });
  return result.outputFiles[0]!.text;
}
