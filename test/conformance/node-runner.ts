import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { programResult } from "./brisk-runner.ts";
import type { PackageFiles } from "./package-files.ts";
import type { FileResult, TestFile } from "./result.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const node = join(root, "node_modules/node/bin/node");
const main = fileURLToPath(new URL("guest/node-main.cjs", import.meta.url));
const cacheFolder =
  process.env["BRISK_CONFORMANCE_CACHE"] ?? join(root, "node_modules/.cache/brisk-conformance");
const timeoutMs = 60_000;
/** What differs from package to package of a group: a result counts as long as its own file is the same. */
const ownFile = /^test\/(parallel|fixtures)\/|^tests\.cjs$/;

/** What Node makes of a package's files: a process for each. Results are kept until the package or Node changes. */
export class NodeRunner {
  readonly #cacheFile: string;
  readonly #files: PackageFiles;
  readonly #known: Record<string, FileResult>;
  readonly #found: Record<string, FileResult> = {};
  #folder: string | undefined;

  private constructor(files: PackageFiles, cacheFile: string, known: Record<string, FileResult>) {
    this.#files = files;
    this.#cacheFile = cacheFile;
    this.#known = known;
  }

  /** @param name Of the cache's file. */
  static async for(name: string, files: PackageFiles): Promise<NodeRunner> {
    const hash = createHash("sha256").update(`${process.version} ${await readFile(main, "utf8")}`);
    for (const [path, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!ownFile.test(path)) hash.update(`\n${path} ${content.byteLength}\n`).update(content);
    }
    const cacheFile = join(
      cacheFolder,
      `${name.replaceAll("/", "-")}-${hash.digest("hex").slice(0, 16)}.json`,
    );
    return new NodeRunner(files, cacheFile, await readCache(cacheFile));
  }

  async run(test: TestFile): Promise<FileResult> {
    const own = this.#files[`test/parallel/${test.id}`] ?? "";
    const key = `${test.id} ${createHash("sha256").update(JSON.stringify(test.event)).update(own).digest("hex").slice(0, 16)}`;
    const known = this.#known[key];
    if (known !== undefined) return known;
    const result = await this.#spawn(test);
    this.#found[key] = result;
    return result;
  }

  async close(): Promise<void> {
    if (this.#folder === undefined) return;
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    // Another package of the group may have written meanwhile.
    const known = { ...(await readCache(this.#cacheFile)), ...this.#found };
    await writeFile(this.#cacheFile, JSON.stringify(known));
  }

  async #unpacked(): Promise<string> {
    if (this.#folder === undefined) {
      this.#folder = await mkdtemp(join(tmpdir(), "brisk-conformance-"));
      for (const [path, content] of Object.entries(this.#files)) {
        const target = join(this.#folder, path);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, content);
      }
    }
    return this.#folder;
  }

  async #spawn(test: TestFile): Promise<FileResult> {
    const folder = await this.#unpacked();
    const own = await mkdtemp(join(tmpdir(), "brisk-conformance-tmp-"));
    try {
      const child = spawn(node, [main, folder, JSON.stringify(test.event)], {
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        env: { PATH: process.env["PATH"], HOME: own, NODE_TEST_DIR: own, NODE_SKIP_FLAG_CHECK: "1" },
        timeout: timeoutMs,
        killSignal: "SIGKILL",
      });
      const texts = ["", "", "", ""];
      for (const descriptor of [1, 2, 3]) {
        child.stdio[descriptor]?.on("data", (chunk: Buffer) => {
          texts[descriptor] =
            descriptor === 3
              ? texts[3] + chunk.toString("latin1")
              : (texts[descriptor] + chunk.toString()).slice(-4000);
        });
      }
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (...ending) => resolve(ending));
      });
      const isLate = signal === "SIGKILL";
      if (test.suite === "node") {
        if (/1\.\.0 # Skipped/.test(texts[1]!)) return programResult("skipped", "skips itself");
        if (code === 0) return programResult("ok", "");
        return programResult(
          isLate ? "timeout" : "error",
          `exit ${code ?? signal}; ${texts[2]!.slice(-800)}`,
        );
      }
      if (texts[3] === "")
        return { state: isLate ? "timeout" : "error", message: texts[2]!.slice(-800), subtests: [] };
      return JSON.parse(Buffer.from(texts[3]!, "latin1").toString()) as FileResult;
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }
}

async function readCache(file: string): Promise<Record<string, FileResult>> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record<string, FileResult>;
  } catch {
    return {};
  }
}
