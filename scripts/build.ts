/** Makes `dist/`, what the npm package holds: JavaScript, types, and the guest's code as ready scripts. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild-wasm";
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
// The builder puts these into each function's bundle, as text.
await mkdir(join(guest, "bundle"));
for (const file of await readdir(join(root, "snapshots", "bundle"))) {
  const source = await readFile(join(root, "snapshots", "bundle", file), "utf8");
  const { code } = await transform(source, { loader: "ts" });
  await writeFile(join(guest, "bundle", file.replace(/\.ts$/, ".js")), code);
}
console.log(`dist/ holds the package; its guest has ${scripts.modules.size} modules`);
