import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkout, type Finished, runProgram, ServeProcess } from "./brisk-process.ts";

vi.setConfig({ testTimeout: 120_000 });

// The package as a stranger gets it: built, packed, installed in an empty folder, run there by the oldest Node
// that is supported and by the pinned one. (All other tests run on the pinned one.)
const oldestNode = "node@24";
let folder: string;
let node: string;
let brisk: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "brisk-package-"));
  await succeed(runProgram("npm", ["run", "build"], { cwd: checkout }));
  await succeed(runProgram("npm", ["pack", "--pack-destination", folder], { cwd: checkout }));
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const manifest = { private: true, type: "module", allowScripts: { "isolated-vm": true, node: true } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const packages = [`./${tarball}`, oldestNode];
  const flags = ["--no-audit", "--no-fund", "--omit=dev"];
  await succeed(runProgram("npm", ["install", ...flags, ...packages], { cwd: folder, timeoutMs: 240_000 }));
  node = join(folder, "node_modules", "node", "bin", "node");
  brisk = join(folder, "node_modules", "brisk", "bin", "brisk.js");
}, 400_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function succeed(running: Promise<Finished>): Promise<Finished> {
  const finished = await running;
  expect(finished.exitCode, finished.stdout + finished.stderr).toBe(0);
  return finished;
}

test("the package holds dist, the launcher and types, and nothing of the sources", async () => {
  const root = join(folder, "node_modules", "brisk");
  expect((await readdir(root)).filter((name) => name !== "node_modules").sort()).toEqual(
    expect.arrayContaining(["bin", "dist", "package.json"]),
  );
  const files = await readdir(join(root, "dist"), { recursive: true });
  expect(files).toContain(join("src", "index.d.ts"));
  expect(files.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))).toEqual([]);
  const { version } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8")) as {
    version: string;
  };
  expect((await succeed(runProgram(node, [brisk, "--version"]))).stdout).toBe(`${version}\n`);
});

test("brisk doctor finds the machine fit with the oldest supported Node", async () => {
  const { stdout } = await succeed(runProgram(node, [brisk, "doctor", "--json"], { cwd: folder }));
  const report = JSON.parse(stdout) as { fit: boolean; checks: { name: string; detail: string }[] };
  expect(report.fit).toBe(true);
  expect(report.checks.find((check) => check.name === "Node")?.detail).toMatch(/^24\./);
});

test.each(["the oldest supported", "the pinned"])(
  "brisk works from the package on %s Node",
  async (which) => {
    const program = which === "the pinned" ? process.execPath : node;
    const app = join(folder, "app");
    await mkdir(app, { recursive: true });
    await writeFile(
      join(app, "index.ts"),
      "import { basename } from 'node:path';\nexport const handler = async (event: { file: string }) => basename(event.file);\n",
    );
    await using server = await ServeProcess.start(program, [brisk, "serve", "--port", "0"], { cwd: folder });
    const env = { BRISK_ENDPOINT_URL: server.endpoint };
    const run = (...args: string[]) => succeed(runProgram(program, [brisk, ...args], { cwd: folder, env }));
    await run("deploy", "app");
    expect((await run("invoke", "app", "--payload", '{"file":"/a/b.txt"}')).stdout).toBe('"b.txt"\n');
    expect((await run("logs", "app")).stdout).toContain("REPORT RequestId:");
  },
);

test("a program that embeds the package runs a function and ends by itself", async () => {
  const program = `
    import { createRuntime } from "brisk";
    const runtime = await createRuntime({ dataDir: "embedded" });
    try {
      await runtime.deploy({ name: "twice", files: { "index.mjs": "export const handler = async (n) => n * 2;" } });
      console.log(JSON.stringify(await runtime.invoke("twice", 21)));
    } finally {
      await runtime.close();
    }`;
  await writeFile(join(folder, "embed.mjs"), program);
  const { stdout } = await succeed(runProgram(node, ["embed.mjs"], { cwd: folder }));
  expect(stdout).toBe("42\n");
});

test("the package's types hold in a strict program", async () => {
  const program = `
    import { createRuntime } from "brisk";
    await using runtime = await createRuntime({ port: 0 });
    const result: unknown = await runtime.invoke("twice", 21);
    const response: Response = await runtime.fetch(new Request("http://localhost/"));
    // @ts-expect-error: a port is a number
    await createRuntime({ port: "0" });
    console.log(result, response.status);`;
  await writeFile(join(folder, "typed.ts"), program);
  const options = "--noEmit --strict --skipLibCheck --target esnext --module nodenext --types node".split(
    " ",
  );
  const nodeTypes = ["--typeRoots", join(checkout, "node_modules", "@types")];
  const compiler = join(checkout, "node_modules", ".bin", "tsc");
  await succeed(runProgram(compiler, ["typed.ts", ...options, ...nodeTypes], { cwd: folder }));
});
