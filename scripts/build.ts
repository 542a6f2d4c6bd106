/** Makes `dist/`, what the npm package holds: JavaScript, types, and the guest's code as ready scripts. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild-wasm";
import { bundleGuest } from "../src/builder/guest-scripts.ts";
import { moduleFile } from "../src/model/guest-files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const guest = join(root, "dist", "snapshots");

await rm(join(root, "dist"), { recursive: true, force: true });
const compiler = spawnSync(join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (compiler.status !== 0) process.exit(1);

// An installed package has neither the guest's sources nor the packages that they bundle.
const scripts = await bundleGuest(join(root, "snapshots"));
await mkdir(join(guest, "modules"), { recursive: true });
await writeFile(join(guest, "modules.json"), JSON.stringify([...scripts.modules.keys()]));
await writeFile(join(guest, "base.js"), scripts.base);
for (const [specifier, script] of scripts.modules) {
  await writeFile(join(guest, "modules", moduleFile(specifier)), script);
}
// The modules named `library:` are Node's text, whose licence goes with every copy.
await copyFile(join(root, "scripts", "node-library.LICENSE.txt"), join(guest, "node-library.LICENSE.txt"));
await bundlePlotLibrary();
console.log(`dist/ holds the package; its guest has ${scripts.modules.size} modules`);

/** The report's plotting library is in the package as one script, with its licences, rather than as sixty dependencies. */
async function bundlePlotLibrary(): Promise<void> {
  const outfile = join(root, "dist", "src", "lab", "plot-library.js");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/lab/plot-library.ts"],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    // Its build for browsers: the one for Node looks for a canvas and reads files.
    platform: "browser",
    target: "node24",
    metafile: true,
    logLevel: "warning",
  });
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
    ),
  );
  const licences = await Promise.all([...packages].sort().map(licenceOf));
  await writeFile(outfile.replace(/\.js$/, ".LICENSE.txt"), licences.join("\n\n"));
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : await readFile(join(root, folder, file), "utf8");
  return `${name} ${version} (${license})\n\n${text}`.trim();
}
