import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "./server.ts";

/** What functions find and leave in the file system, in real environments. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
let server: TestServer;
let number = 0;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Deploys a function whose handler has this body, and gives the way to invoke it. */
async function deployed(
  body: string,
  files: Record<string, string | Uint8Array> = {},
  options: Record<string, unknown> = {},
): Promise<(event?: unknown) => Promise<unknown>> {
  const name = `files-${++number}`;
  const index = `const fs = require("node:fs"), fsp = require("node:fs/promises"), path = require("node:path");
    const caught = (run) => { try { return run(); } catch (e) {
      return [e.code, e.errno, e.syscall, e.path, e.message].join(" | "); } };
    exports.handler = async (event) => { ${body} };`;
  await server.runtime.deploy({ name, files: { "index.js": index, ...files }, ...options });
  return (event = {}) => server.runtime.invoke(name, event);
}

describe("/var/task", () => {
  it("has every file of the package, bundled or not, by every way to read one", async () => {
    const large = Buffer.alloc(300_000, "0123456789");
    const invoke = await deployed(
      `const text = path.join(__dirname, "data", "a.json");
       const listed = []; for await (const entry of await fsp.opendir("data")) listed.push(entry.name);
       const file = await fsp.open("large.bin");
       const { bytesRead, buffer } = await file.read(Buffer.alloc(5), 0, 5, 65534);
       await file.close();
       let streamed = 0; for await (const chunk of fs.createReadStream("large.bin", { start: 10 })) streamed += chunk.length;
       return [fs.readFileSync(text, "utf8"), require("./data/a.json"), fs.existsSync(text), fs.statSync("data").isDirectory(),
         listed, bytesRead, buffer.toString(), streamed, await fsp.readFile("data/a.json", "utf8"), fs.realpathSync("."),
         await new Promise((done) => fs.readdir("/var/task", (error, names) => done(names)))];`,
      { "data/a.json": '{"a":1}', "large.bin": large },
    );
    expect(await invoke()).toEqual([
      '{"a":1}',
      { a: 1 },
      true,
      true,
      ["a.json"],
      5,
      large.subarray(65534, 65539).toString(),
      large.length - 10,
      '{"a":1}',
      "/var/task",
      ["data", "index.js", "large.bin"],
    ]);
  });

  it("is read by an ES module's own URL, at init", async () => {
    const name = `files-${++number}`;
    const index = `import { readFileSync } from "node:fs";
      const text = readFileSync(new URL("./a.txt", import.meta.url), "utf8");
      export const handler = async () => text;`;
    await server.runtime.deploy({ name, files: { "index.mjs": index, "a.txt": "beside" } });
    expect(await server.runtime.invoke(name, {})).toBe("beside");
  });

  it("refuses writes, and knows nothing of the machine, with Node's own errors", async () => {
    const invoke = await deployed(
      `return [() => fs.writeFileSync("/var/task/x", "x"), () => fs.mkdirSync("/var/task/d"), () => fs.unlinkSync("index.js"),
        () => fs.readFileSync("/etc/passwd"), () => fs.readFileSync(event.dir + "/installation-key.json"),
        () => fs.readFileSync("/var/task/../../../etc/passwd"), () => fs.readdirSync("/proc"),
        () => fs.renameSync("index.js", "/tmp/index.js")].map(caught);`,
    );
    const dir = server.dataDir;
    expect(await invoke({ dir })).toEqual([
      "EROFS | -30 | open | /var/task/x | EROFS: read-only file system, open '/var/task/x'",
      "EROFS | -30 | mkdir | /var/task/d | EROFS: read-only file system, mkdir '/var/task/d'",
      "EROFS | -30 | unlink | index.js | EROFS: read-only file system, unlink 'index.js'",
      "ENOENT | -2 | open | /etc/passwd | ENOENT: no such file or directory, open '/etc/passwd'",
      `ENOENT | -2 | open | ${dir}/installation-key.json | ENOENT: no such file or directory, open '${dir}/installation-key.json'`,
      "ENOENT | -2 | open | /var/task/../../../etc/passwd | ENOENT: no such file or directory, open '/var/task/../../../etc/passwd'",
      "ENOENT | -2 | scandir | /proc | ENOENT: no such file or directory, scandir '/proc'",
      "EXDEV | -18 | rename | index.js | EXDEV: cross-device link not permitted, rename 'index.js' -> '/tmp/index.js'",
    ]);
  });
});

describe("/tmp", () => {
  it("is kept from one event to the next, is no other environment's, and is gone with its own", async () => {
    const body = `if (event.end) process.exit(0);
      fs.appendFileSync("/tmp/count", "x"); return fs.readFileSync("/tmp/count", "utf8");`;
    const [one, other] = [await deployed(body), await deployed(body)];
    expect([await one(), await one(), await other()]).toEqual(["x", "xx", "x"]);
    await expect(one({ end: true })).rejects.toThrow();
    expect(await one()).toBe("x");
    await vi.waitFor(() => expect(scratchFiles()).toHaveLength(2));
  });

  it("ends at the function's EphemeralStorage", async () => {
    const invoke = await deployed(
      `const fd = fs.openSync("/tmp/full", "w"); fs.ftruncateSync(fd, 2 ** 29 - 4096);
       fs.writeSync(fd, Buffer.alloc(4096), 0, 4096, 2 ** 29 - 4096);
       const end = caught(() => fs.writeSync(fd, "x", 2 ** 29));
       const other = caught(() => fs.writeFileSync("/tmp/other", "x"));
       fs.closeSync(fd); fs.rmSync("/tmp/full");
       return [end, other, fs.statfsSync("/tmp").bavail * 4096];`,
    );
    const full = "ENOSPC | -28 | write |  | ENOSPC: no space left on device, write";
    expect(await invoke()).toEqual([full, full, 2 ** 29]);
  });

  it("has folders, links, streams and handles", async () => {
    const invoke = await deployed(
      `fs.mkdirSync("/tmp/a/b/c", { recursive: true });
       fs.symlinkSync("b/c", "/tmp/a/link");
       await new Promise((done, fail) => fs.createWriteStream("/tmp/a/link/s").on("error", fail).on("close", done).end("streamed"));
       fs.copyFileSync("/tmp/a/b/c/s", "/tmp/copy"); fs.renameSync("/tmp/copy", "/tmp/a/moved"); fs.truncateSync("/tmp/a/moved", 6);
       fs.utimesSync("/tmp/a/moved", 1, 2);
       const made = fs.mkdtempSync("/tmp/t-"); const file = await fsp.open(made + "/h", "w+");
       await file.writeFile("handle"); const { size } = await file.stat(); await file.close();
       const all = fs.readdirSync("/tmp/a", { recursive: true }).sort();
       fs.rmSync("/tmp/a", { recursive: true }); fs.rmSync(made, { recursive: true });
       return [all, size, made.length, fs.readdirSync("/tmp")];`,
    );
    expect(await invoke()).toEqual([
      ["b", "b/c", "b/c/s", "link", "link/s", "moved"],
      6,
      "/tmp/t-".length + 6,
      [],
    ]);
  });

  it("tells watchers what the function does there, and none keeps an event from its end", async () => {
    const invoke = await deployed(
      `const { setImmediate: turn, setTimeout: sleep } = require("node:timers/promises");
       const heard = []; const hear = (of) => (type, name) => heard.push(of + " " + type + " " + name);
       fs.mkdirSync("/tmp/w/in", { recursive: true }); fs.symlinkSync("w", "/tmp/v");
       const watchers = [fs.watch("/tmp/v", hear("folder")), fs.watch("/tmp/w", { recursive: true }, hear("all"))];
       fs.writeFileSync("/tmp/w/a", "1"); fs.renameSync("/tmp/w/a", "/tmp/w/b");
       for (let i = 0; i < 9; i++) await turn();
       watchers.push(fs.watch("/tmp/w/b", hear("file")));
       const fd = fs.openSync("/tmp/w/b", "a"); fs.writeSync(fd, "2"); fs.writeSync(fd, "3"); fs.closeSync(fd);
       await fsp.writeFile("/tmp/w/in/c", "");
       for (let i = 0; i < 9; i++) await turn();
       for (const one of watchers) one.close();
       fs.unlinkSync("/tmp/w/b");
       let seen; fs.watchFile("/tmp/w/b", { interval: 5 }, (now, before) => { if (now.nlink > before.nlink) seen = now.size; });
       await sleep(20); fs.writeFileSync("/tmp/w/b", "four"); while (seen === undefined) await sleep(5);
       fs.watch("/tmp"); fs.unwatchFile("/tmp/w/b");
       return [heard, seen, caught(() => fs.watch("/none"))];`,
    );
    expect(await invoke()).toEqual([
      expect.arrayContaining([
        ...["folder rename a", "folder change a", "folder rename b", "all rename b", "all change b"],
        ...["folder change b", "file change b", "all rename in/c"],
      ]),
      4,
      "ENOENT | -2 | watch | /none | ENOENT: no such file or directory, watch '/none'",
    ]);
  });
});

it("a loop of reads ends with the function's time, as any other", async () => {
  const invoke = await deployed(
    `for (;;) fs.readFileSync("index.js");`,
    {},
    { timeoutSeconds: 1, environment: { BRISK_CPU_TIME_MS: "60000" } },
  );
  await expect(invoke()).rejects.toThrow("Sandbox.Timedout");
});

/** Files of all environments' `/tmp`s on this machine. */
function scratchFiles(): string[] {
  const dir = join(server.dataDir, "scratch");
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

it("whatever fs functions are given, the guest gets an error of its own or an answer, and the host goes on", async () => {
  const invoke = await deployed(
    `const detached = new Uint8Array(8); structuredClone(detached.buffer, { transfer: [detached.buffer] });
     const values = [undefined, null, {}, [], () => 1, Symbol("s"), 1n, NaN, -1, 2 ** 60, 1.5, "a\\0b", "x".repeat(100000), "",
       new Proxy({}, { get() { throw new RangeError("trap"); } }), { toString() { throw new RangeError("text"); } },
       { get length() { throw new RangeError("length"); } }, new Uint8Array(0), new DataView(new ArrayBuffer(4)), detached];
     const strange = []; let calls = 0;
     for (const name of Object.keys(fs).filter((one) => one.endsWith("Sync") && typeof fs[one] === "function")) {
       for (const value of values) for (const args of [[value], ["/tmp/f", value, value], [3, value, value, value], [value, "/tmp/g"]]) {
         calls++;
         try { fs[name](...args); } catch (error) {
           if (!(error instanceof Error) || error.code === "ERR_INTERNAL" || error.code === "ERR_INVALID_ARG_VALUE" && /Cannot call "fs/.test(error.message))
             strange.push([name, args.map((arg) => typeof arg), String(error)]);
         }
       }
     }
     return [calls > 3000, strange];`,
    {},
    { timeoutSeconds: 60, memorySizeMb: 256, environment: { BRISK_CPU_TIME_MS: "60000" } },
  );
  expect(await invoke()).toEqual([true, []]);
  expect(await invoke()).toEqual([true, []]);
});
