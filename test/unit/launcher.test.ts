import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launcher } from "../e2e/brisk-process.ts";

let root: string;

/** A package folder with the real launcher and a program that tells how it was run. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "brisk-launcher-"));
  await mkdir(join(root, "bin"));
  await mkdir(join(root, "node_modules"));
  await copyFile(launcher, join(root, "bin", "brisk.js"));
  await writeFile(join(root, "package.json"), '{"type":"module"}');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const program = `export async function main(argv) {
  console.log(JSON.stringify({ argv, node: process.execPath, conditions: process.execArgv, file: import.meta.url.split("/").at(-1) }));
  if (argv[0] === "exit") process.exitCode = 7;
  if (argv[0] === "wait") { process.on("SIGTERM", () => process.exit(9)); console.log("waiting"); setInterval(() => {}, 1000); }
  if (argv[0] === "die") process.kill(process.pid, "SIGKILL");
}`;

async function addProgram(kind: "checkout" | "package"): Promise<void> {
  const folder = kind === "checkout" ? join(root, "src", "cli") : join(root, "dist", "src", "cli");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, kind === "checkout" ? "main.ts" : "main.js"), program);
}

function start(...argv: string[]) {
  return spawn(process.execPath, [join(root, "bin", "brisk.js"), ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...argv: string[]) {
  const child = start(...argv);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** A Node at another path, as the pinned one is for whoever starts with the system's. */
async function addPinnedNode(): Promise<void> {
  const folder = join(root, "node_modules", "node", "bin");
  await mkdir(folder, { recursive: true });
  // Not a link, for the launcher looks at where a link leads.
  const script = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
  await writeFile(join(folder, "node"), script, { mode: 0o755 });
}

test("an installed package runs dist on the Node that it was started with", async () => {
  await addProgram("package");
  const { code, stdout } = await run("ls", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    argv: ["ls", "--json"],
    node: process.execPath,
    conditions: [],
    file: "main.js",
  });
});

test("a checkout runs src", async () => {
  await addProgram("checkout");
  await addProgram("package");
  expect(JSON.parse((await run("ls")).stdout)).toMatchObject({ file: "main.ts" });
});

test("a checkout's pinned Node is used when it is this one, without another process", async () => {
  await addProgram("checkout");
  await mkdir(join(root, "node_modules", "node", "bin"), { recursive: true });
  await symlink(process.execPath, join(root, "node_modules", "node", "bin", "node"));
  expect(JSON.parse((await run("ls")).stdout)).toMatchObject({ file: "main.ts", conditions: [] });
});

test("a checkout in which nothing is installed says so", async () => {
  await addProgram("checkout");
  await rm(join(root, "node_modules"), { recursive: true });
  expect(await run("ls")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("run npm ci there first"),
  });
});

test("neither program present is said with what to do", async () => {
  expect(await run("ls")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("run npm run build"),
  });
});

test("a checkout hands over to its pinned Node, with its arguments, its condition and its exit code", async () => {
  await addProgram("checkout");
  await addPinnedNode();
  const { code, stdout } = await run("exit", "--json");
  expect(code).toBe(7);
  expect(JSON.parse(stdout)).toMatchObject({
    argv: ["exit", "--json"],
    conditions: ["--conditions=brisk-source"],
  });
});

test("signals reach the program, and how it ends is how the launcher ends", async () => {
  await addProgram("checkout");
  await addPinnedNode();
  const child = start("wait");
  let stdout = "";
  for await (const piece of child.stdout) {
    stdout += String(piece);
    if (stdout.includes("waiting")) break;
  }
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([9, null]);
  expect(await run("die")).toMatchObject({ code: null, signal: "SIGKILL" });
});

test("an old Node gets a sentence that names it and what is needed", async () => {
  await addProgram("package");
  const disguise = join(root, "old.mjs");
  await writeFile(
    disguise,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } });",
  );
  const child = spawn(process.execPath, ["--import", disguise, join(root, "bin", "brisk.js"), "ls"]);
  const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(child.exitCode).toBe(1);
  expect(stderr).toMatch(/^error: Brisk needs Node 24 or newer, and this is Node 18\.20\.1 \(/);
});
