import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { nodeGroupOf } from "./groups.ts";
import type { PackageFiles } from "./package-files.ts";
import type { TestFile } from "./result.ts";

/** A file of Node's tests that asks for what no function has, so that it says nothing about Brisk. */
export interface Skipped {
  readonly group: string;
  readonly id: string;
  readonly reason: string;
}

/** What a test may not use. The first that is found is the reason. */
const outside: readonly [RegExp, string][] = [
  [/expose[-_]internals|internalBinding|require\('internal\/|process\.binding\(/, "internals of Node"],
  [/--allow-natives-syntax|--permission\b|--frozen-intrinsics/, "flags of V8 or of Node's process"],
  [
    /require\('(node:)?child_process'\)|from '(node:)?child_process'|spawnPromisified|common\/child_process|startNewREPL/,
    "child processes",
  ],
  [/require\('(node:)?cluster'\)/, "cluster"],
  [
    /require\('(node:)?(inspector|repl|domain|sqlite|test\/reporters|trace_events)|skipIfInspectorDisabled/,
    "the inspector, REPL, domains, SQLite",
  ],
  [/new Worker\(/, "threads"],
  [/\.createServer\(|common\/http2|dgram\.createSocket/, "servers that listen"],
  [
    /execve\(|process\.abort\(\)|process\.kill\(|skip.*[wW]indows|common\.isWindows\)\n? *common\.skip\('/,
    "other processes, or another system",
  ],
];

/** Files of test/parallel that use the public API, and the others with what keeps them out. */
export async function listNode(root: string): Promise<{ tests: TestFile[]; skipped: Skipped[] }> {
  const tests: TestFile[] = [];
  const skipped: Skipped[] = [];
  for (const name of (await readdir(join(root, "parallel"))).sort()) {
    if (!/^test-.*\.m?js$/.test(name)) continue;
    const group = nodeGroupOf(name);
    if (group === undefined) continue;
    const text = await readFile(join(root, "parallel", name), "utf8");
    const reason = outside.find(([pattern]) => pattern.test(text))?.[1];
    if (reason === undefined) tests.push({ suite: "node", group, id: name, event: { path: name } });
    else skipped.push({ group, id: name, reason });
  }
  return { tests, skipped };
}

const largestFixtureBytes = 300 * 1024;

/** These files as programs of one package, with what Node's tests share and the fixtures that they name. */
export async function packNode(root: string, names: readonly string[]): Promise<PackageFiles> {
  const files: Record<string, Uint8Array> = {
    "index.cjs": await readFile(new URL("guest/node-tests.cjs", import.meta.url)),
    "tests.cjs": Buffer.from(tableOf(names)),
    "node-test.cjs": await readFile(new URL("guest/node-test.cjs", import.meta.url)),
  };
  const texts: string[] = [];
  for (const name of names) {
    const text = await readFile(join(root, "parallel", name), "utf8");
    texts.push(text);
    files[`test/parallel/${name}`] = Buffer.from(withOwnRunner(text));
  }
  await addFolder(files, root, "common", () => true);
  const all = texts.join("\n");
  const folders = new Set(["keys", "crypto"]);
  for (const entry of await readdir(join(root, "fixtures"), { withFileTypes: true })) {
    if (!entry.isDirectory()) await addFile(files, root, `fixtures/${entry.name}`);
    else if (new RegExp(`['"/]${entry.name}['"/]`).test(all) && entry.name !== "wpt") folders.add(entry.name);
  }
  if (/fixtures/.test(all))
    for (const folder of folders) await addFolder(files, root, `fixtures/${folder}`, () => true);
  return files;
}

/** Loads are written out, so that each file is part of the bundle. */
function tableOf(names: readonly string[]): string {
  const lines = names.map((name) => {
    const path = JSON.stringify(`./test/parallel/${name}`);
    return `  ${JSON.stringify(name)}: () => ${name.endsWith(".mjs") ? "import" : "require"}(${path}),`;
  });
  return `module.exports = {\n${lines.join("\n")}\n};\n`;
}

/** `node:test` runs programs of tests in processes; ours runs what a file declares, in the file's own. */
function withOwnRunner(text: string): string {
  return text
    .replaceAll(/require\((['"])(?:node:)?test\1\)/g, 'require("../../node-test.cjs")')
    .replaceAll(/from (['"])(?:node:)?test\1/g, 'from "../../node-test.cjs"');
}

async function addFolder(
  files: Record<string, Uint8Array>,
  root: string,
  folder: string,
  accepts: (path: string) => boolean,
): Promise<void> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (entry.isFile() && accepts(path)) await addFile(files, root, path);
  }
}

async function addFile(files: Record<string, Uint8Array>, root: string, path: string): Promise<void> {
  const found = await stat(join(root, path)).catch(() => undefined);
  if (found?.isFile() && found.size <= largestFixtureBytes) {
    const content = await readFile(join(root, path));
    files[`test/${path}`] =
      /\.m?js$/.test(path) && path.startsWith("common/")
        ? Buffer.from(withOwnRunner(content.toString()))
        : content;
  }
}
