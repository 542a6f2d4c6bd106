import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CheckResult } from "./doctor-checks.ts";

const run = promisify(execFile);
const timeoutMs = 20_000;

/** Loads isolated-vm as a host does: in a process of its own, without Node's snapshot. The supervisor never loads it. */
export async function checkIsolates(): Promise<CheckResult> {
  const name = "isolated-vm";
  let location: string;
  try {
    location = import.meta.resolve("isolated-vm");
  } catch {
    return { name, verdict: "unfit", detail: "is not installed" };
  }
  const program = `
    const { default: ivm } = await import(${JSON.stringify(location)});
    const isolate = new ivm.Isolate({ memoryLimit: 16 });
    const context = isolate.createContextSync();
    if (context.evalSync("6 * 7") !== 42) throw new Error("an isolate cannot calculate");
    isolate.dispose();
    console.log("ok");`;
  try {
    await run(process.execPath, ["--no-node-snapshot", "--input-type=module", "--eval", program], {
      timeout: timeoutMs,
      env: {},
    });
    return { name, verdict: "fit", detail: "loads, and an isolate runs" };
  } catch (error) {
    return {
      name,
      verdict: "unfit",
      detail: `does not load (${lastLine(error)}); its install script must be allowed: add {"allowScripts": {"isolated-vm": true}} to package.json and install again`,
    };
  }
}

/** Hosts and builders run under Node's permission model. */
export async function checkPermissions(): Promise<CheckResult> {
  const name = "Permission model";
  const readable = dirname(fileURLToPath(import.meta.url));
  const program = `
    const fs = require("node:fs");
    try { fs.readFileSync(process.execPath); } catch (error) { if (error.code === "ERR_ACCESS_DENIED") process.exit(0); throw error; }
    process.exit(3);`;
  const args = ["--permission", `--allow-fs-read=${readable}`, "--eval", program];
  try {
    await run(process.execPath, args, { timeout: timeoutMs, env: {}, cwd: readable });
    return { name, verdict: "fit", detail: "keeps a process from files it was not given" };
  } catch (error) {
    const leaked = (error as { code?: unknown }).code === 3;
    return {
      name,
      verdict: "unfit",
      detail: leaked ? "lets a process read files it was not given" : `does not start (${lastLine(error)})`,
    };
  }
}

/** What the child said last; a stack above it helps nobody here. */
function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).split("\n").filter((line) => /\b\w*Error\b|\S: /.test(line));
  return (lines[0] ?? message).trim();
}
