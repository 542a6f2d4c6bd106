import asyncHooks from "node:async_hooks";
import events from "node:events";
import os from "node:os";
import zlib from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Guest, loadGuest } from "./guest-modules.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
});

describe("events", () => {
  /** The same story told to both emitters; what was heard must be the same. */
  function story(module: typeof events): unknown[] {
    const heard: unknown[] = [];
    const emitter = new module.EventEmitter();
    const hear =
      (name: string) =>
      (...args: unknown[]) =>
        void heard.push([name, ...args]);
    emitter.on("newListener", (name: string) => heard.push(["new", String(name)]));
    emitter.on("removeListener", (name: string) => heard.push(["removed", String(name)]));
    const kept = hear("kept");
    emitter.on("a", kept);
    emitter.once("a", hear("once"));
    emitter.prependListener("a", hear("first"));
    heard.push(emitter.emit("a", 1, 2), emitter.emit("a", 3), emitter.emit("none"));
    emitter.on("b", () => emitter.on("b", hear("late")));
    emitter.emit("b");
    heard.push(emitter.listenerCount("a"), emitter.listenerCount("b"), emitter.eventNames());
    emitter.off("a", kept);
    emitter.removeAllListeners("b");
    heard.push(emitter.eventNames(), emitter.rawListeners("a").length);
    for (const error of [new Error("boom"), "text", undefined]) {
      try {
        emitter.emit("error", error);
      } catch (thrown) {
        heard.push([(thrown as Error).message, (thrown as { code?: string }).code]);
      }
    }
    emitter.on(module.errorMonitor, (error: Error) => heard.push(["monitor", error.message]));
    emitter.on("error", () => heard.push("handled"));
    emitter.emit("error", new Error("seen"));
    heard.push(emitter.getMaxListeners(), emitter.setMaxListeners(3).getMaxListeners());
    return heard;
  }

  test("an emitter's listeners are called, counted and removed as Node's", () => {
    expect(story(guest.require("node:events"))).toEqual(story(events));
  });

  test("works on objects that were never constructed, as Express mixes it in", () => {
    const mixed = (module: typeof events) => {
      const app = Object.assign(() => {}, module.EventEmitter.prototype) as unknown as events.EventEmitter;
      const derived = Object.create(app) as events.EventEmitter;
      let heard = 0;
      app.on("x", () => heard++);
      return [derived.emit("x"), app.emit("x"), derived.emit("y"), heard];
    };
    expect(mixed(guest.require("node:events"))).toEqual(mixed(events));
    const { EventEmitter } = guest.require("node:events");
    function Old(this: object) {
      EventEmitter.call(this);
    }
    Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
    // biome-ignore lint/suspicious/noExplicitAny: an ES5 class
    expect(new (Old as any)().on("a", () => {}).listenerCount("a")).toBe(1);
  });

  test("once() and on() wait for events and fail on error", async () => {
    const { EventEmitter, once, on } = guest.require("node:events");
    const emitter = new EventEmitter();
    const waiting = once(emitter, "ready");
    emitter.emit("ready", 1, 2);
    expect(await waiting).toEqual([1, 2]);
    const failing = once(emitter, "ready");
    emitter.emit("error", new Error("no"));
    await expect(failing).rejects.toThrow("no");
    const seen: unknown[] = [];
    const all = on(emitter, "item", { close: ["end"] });
    emitter.emit("item", 1);
    emitter.emit("item", 2);
    emitter.emit("end");
    for await (const item of all) seen.push(item);
    expect(seen).toEqual([[1], [2]]);
  });
});

describe("zlib", () => {
  const text = "hello hello hello ".repeat(500);
  const pairs = [
    ["gzip", "gunzip"],
    ["deflate", "inflate"],
    ["deflateRaw", "inflateRaw"],
    ["brotliCompress", "brotliDecompress"],
    ["zstdCompress", "zstdDecompress"],
  ] as const;

  test.each(pairs)("%s and %s understand Node's, both ways", async (pack, unpack) => {
    const guestZlib = guest.require("node:zlib");
    expect(zlib[`${unpack}Sync`](guestZlib[`${pack}Sync`](text)).toString()).toBe(text);
    expect(guestZlib[`${unpack}Sync`](zlib[`${pack}Sync`](text)).toString()).toBe(text);
    const { promisify } = guest.require("node:util");
    const packed = await promisify(guestZlib[pack])(text, {});
    expect((await promisify(guestZlib[unpack])(packed)).toString()).toBe(text);
  });

  test("what unpacks to more than maxOutputLength is refused, and so is broken input", () => {
    const { gunzipSync } = guest.require("node:zlib");
    const bomb = zlib.gzipSync(Buffer.alloc(10_000));
    expect(() => gunzipSync(bomb, { maxOutputLength: 100 })).toThrow(
      expect.objectContaining({ code: "ERR_BUFFER_TOO_LARGE" }),
    );
    expect(() => gunzipSync(Buffer.from("nonsense"))).toThrow(
      expect.objectContaining({ code: "Z_DATA_ERROR", errno: -3 }),
    );
  });

  test.each(pairs)("streams of %s and %s", async (pack, unpack) => {
    const guestZlib = guest.require("node:zlib");
    const { pipeline } = guest.require("node:stream/promises");
    const { Readable } = guest.require("node:stream");
    const create = (name: string) => guestZlib[`create${name[0]?.toUpperCase()}${name.slice(1)}`]();
    const parts: Buffer[] = [];
    await pipeline(
      Readable.from([text, text]),
      create(pack),
      create(unpack),
      async (source: AsyncIterable<Buffer>) => {
        for await (const part of source) parts.push(part);
      },
    );
    expect(Buffer.concat(parts).toString()).toBe(text + text);
  });

  test("flush lets out what was written so far", async () => {
    const gzip = guest.require("node:zlib").createGzip();
    gzip.write("event 1\n");
    await new Promise<void>((resolve) => gzip.flush(resolve));
    // As many as there are: a read gives one chunk.
    const sent: Uint8Array[] = [];
    for (let chunk = gzip.read(); chunk !== null; chunk = gzip.read()) sent.push(chunk);
    const opened = zlib.gunzipSync(Buffer.concat(sent), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    expect(opened.toString()).toBe("event 1\n");
    gzip.destroy();
  });

  test("dictionaries, and an engine that says what it took", () => {
    const guestZlib = guest.require("node:zlib");
    const dictionary = Buffer.from("hello hello");
    for (const [pack, unpack] of [
      ["deflateSync", "inflateSync"],
      ["deflateRawSync", "inflateRawSync"],
      ["zstdCompressSync", "zstdDecompressSync"],
    ] as const) {
      const packed = guestZlib[pack](text, { dictionary });
      expect(zlib[unpack](packed, { dictionary }).toString()).toBe(text);
    }
    expect(() => guestZlib.inflateSync(zlib.deflateSync(text, { dictionary }))).toThrow(
      expect.objectContaining({ code: "Z_NEED_DICT", errno: 2, message: "Missing dictionary" }),
    );
    const { buffer, engine } = guestZlib.gunzipSync(zlib.gzipSync(text), { info: true });
    expect([buffer.toString(), engine instanceof guestZlib.Gunzip]).toEqual([text, true]);
    expect(engine.bytesWritten).toBe(zlib.gzipSync(text).length);
  });

  test("options and data are refused with Node's codes and words", () => {
    const guestZlib = guest.require("node:zlib");
    const said = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        const { name, code, message, errno } = error as Error & { code?: string; errno?: number };
        // Across the wall it is made anew.
        return { name: name === "OperationError" ? "Error" : name, code, message, errno };
      }
    };
    const calls: ((module: typeof zlib) => unknown)[] = [
      (z) => z.createGzip({ level: 10 }),
      (z) => z.createGzip({ windowBits: 8 }),
      (z) => z.createDeflate({ chunkSize: "big" as never }),
      (z) => z.createDeflate({ dictionary: "text" as never }),
      (z) => z.createBrotliCompress({ params: { 10000: 0 } }),
      (z) => z.createBrotliCompress({ params: { 0: 0, "00": 0 } as never }),
      (z) =>
        z.createBrotliCompress({
          params: { [zlib.constants.BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING]: 42 },
        }),
      (z) => z.createZstdCompress({ params: { [zlib.constants.ZSTD_c_strategy]: 130 } }),
      (z) => z.gunzipSync(Buffer.from("nonsense")),
      (z) => z.inflateSync(zlib.deflateSync(text).subarray(0, 20)),
      (z) => z.brotliDecompressSync(Buffer.from("nonsense")),
      (z) => z.zstdDecompressSync(Buffer.from("nonsense")),
      (z) =>
        z.gunzipSync(Buffer.concat([zlib.gzipSync("a"), Buffer.from("junk")]), {
          rejectGarbageAfterEnd: true,
        } as never),
      (z) => z.gzipSync(3 as never),
      (z) => z.crc32("a", -1),
    ];
    for (const call of calls) {
      const refused = said(() => call(guestZlib));
      expect(refused).toEqual(said(() => call(zlib)));
      expect(refused).toHaveProperty("code");
    }
    // Not to be had: a gigabyte of window.
    const large = { params: { [zlib.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 } };
    expect(said(() => guestZlib.createBrotliDecompress(large))).toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  });

  test("params and reset change a stream between two writes", async () => {
    const run = async (module: typeof zlib) => {
      const deflate = module.createDeflate({ level: 9 });
      const parts: Buffer[] = [];
      deflate.on("data", (part: Buffer) => parts.push(part));
      deflate.write(text);
      await new Promise<void>((resolve) => deflate.params(0, zlib.constants.Z_DEFAULT_STRATEGY, resolve));
      deflate.write("stored as it is");
      await new Promise<void>((resolve) => deflate.flush(resolve));
      parts.push(Buffer.from("-"));
      deflate.reset();
      await new Promise<void>((resolve) => deflate.end("anew", resolve));
      return Buffer.concat(parts).toString("hex");
    };
    expect(await run(guest.require("node:zlib"))).toBe(await run(zlib));
  });

  test("output that nobody reads is not made", async () => {
    const gunzip = guest.require("node:zlib").createGunzip();
    gunzip.write(zlib.gzipSync(Buffer.alloc(8 * 1024 * 1024)));
    await new Promise<void>((resolve) => gunzip.once("readable", resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(gunzip.readableLength).toBeLessThanOrEqual(128 * 1024);
    gunzip.destroy();
  });

  test("what came before a failure is given, and what follows the end is told by bytesWritten", async () => {
    const run = async (module: typeof zlib) => {
      const packed = zlib.deflateSync(Buffer.alloc(100_000, "ab"));
      const inflate = module.createInflate();
      let bytes = 0;
      inflate.on("data", (part: Buffer) => {
        bytes += part.length;
      });
      packed[packed.length - 1]! ^= 1;
      const failure = await new Promise((resolve) => inflate.once("error", resolve).end(packed));
      const ended = module.createInflateRaw();
      ended.end(Buffer.concat([zlib.deflateRawSync("a"), Buffer.from("behind")]));
      for await (const _ of ended);
      return [bytes, (failure as { code: string }).code, ended.bytesWritten];
    };
    expect(await run(guest.require("node:zlib"))).toEqual(await run(zlib));
  });

  test("a package may reach below a stream, as minizlib does: chunk by chunk, and at once", () => {
    const engine = new (guest.require("node:zlib").Gzip)();
    const handle = engine._handle;
    const close = handle.close;
    const parts: Buffer[] = [];
    for (const [part, flush] of [
      ["one ", zlib.constants.Z_NO_FLUSH],
      ["two", zlib.constants.Z_FINISH],
    ] as const) {
      handle.close = () => {};
      parts.push(engine._processChunk(Buffer.from(part), flush));
      engine._handle = handle;
      handle.close = close;
    }
    expect(zlib.gunzipSync(Buffer.concat(parts)).toString()).toBe("one two");
    engine.close();
  });

  test("crc32", () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024, "crc");
    expect(guest.require("node:zlib").crc32("hello")).toBe(zlib.crc32("hello"));
    expect(guest.require("node:zlib").crc32(bytes, 7)).toBe(zlib.crc32(bytes, 7));
  });
});

describe("process", () => {
  test("env turns what is assigned into strings", () => {
    const process = guest.require("node:process");
    process.env.NUMBER = 1;
    process.env.NOTHING = undefined;
    expect({ ...process.env }).toEqual({ NUMBER: "1", NOTHING: "undefined" });
    delete process.env.NUMBER;
    expect(Object.keys(guest.variables)).toEqual(["NOTHING"]);
    expect("NUMBER" in process.env).toBe(false);
  });

  test("tells the runtime's version, and time that goes on", () => {
    const process = guest.require("node:process");
    expect(process.version).toMatch(/^v22\./);
    const [seconds, nanoseconds] = process.hrtime();
    expect(process.hrtime([seconds, nanoseconds])[0]).toBe(0);
    expect(process.hrtime.bigint()).toBeGreaterThan(0n);
    expect([process.platform, process.cwd(), process.argv.length]).toEqual(["linux", "/var/task", 2]);
  });

  test("stdout and stderr are streams into the log, in whole lines and any encoding; exit ends after its listeners", async () => {
    const { require, log, exits, processState } = await loadGuest();
    const process = require("node:process");
    const { stdout, stderr, stdin } = process;
    const { Readable, Writable, pipeline } = require("node:stream");
    expect([stdout instanceof Writable, stderr instanceof Writable, stdin instanceof Readable]).toEqual([
      true,
      true,
      true,
    ]);
    expect([stdout.fd, stderr.fd, stdin.fd]).toEqual([1, 2, 0]);
    expect(["isTTY", "columns", "getColorDepth"].filter((name) => name in stdout)).toEqual([]);
    stdout.write("one, ");
    stdout.write(Buffer.from("tw€").subarray(0, 3));
    stdout.write(Buffer.from("tw€").subarray(3));
    stderr.write("b3RoZXIK", "base64");
    const written = await new Promise((resolve) =>
      stdout.write("!\nthree\nre", "utf8", () => resolve("called")),
    );
    expect([written, log]).toEqual(["called", [": other\n", ": one, tw€!\nthree\n"]]);
    processState.flushOutput!();
    require("node:fs").writeSync(1, "synchronous");
    await new Promise((resolve) => stdout.end(resolve));
    stdout.write(" after its end\n");
    pipeline(Readable.from(["piped\n"]), stderr, () => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    stdout.write("x".repeat(199_999));
    stdout.write("\nlast");
    expect(log.slice(2).map((text) => text.slice(0, 30))).toEqual([
      ": re",
      ": synchronous after its end\n",
      ": piped\n",
      `: ${"x".repeat(28)}`,
    ]);
    const codes: number[] = [];
    process.once("exit", (code: number) => codes.push(code));
    expect(() => process.exit(3)).toThrow("exited");
    expect([codes, exits, log.at(-1)]).toEqual([[3], [3], ": last"]);
  });

  test("ends once, with the last status that was asked for, and an error that nobody caught goes where it was told to", async () => {
    const { require, processState } = await loadGuest();
    const process = require("node:process");
    const heard: unknown[] = [];
    process.on("exit", (code: number) => {
      heard.push(code);
      process.exit(0);
    });
    process.exitCode = "7";
    expect(() => process.exit()).toThrow("exited");
    process.setUncaughtExceptionCaptureCallback((error: unknown) => heard.push(error));
    process.on("uncaughtException", () => heard.push("listener"));
    const uncaught = processState.process!;
    expect(uncaught.listenerCount("uncaughtException")).toBe(1);
    uncaught.emit("uncaughtException", "mine");
    process.setUncaughtExceptionCaptureCallback(null);
    process.on("uncaughtExceptionMonitor", () => heard.push("monitor"));
    uncaught.emit("uncaughtException", "mine");
    expect(heard).toEqual([7, "mine", "monitor", "listener"]);
  });

  test.each<[string, (process: NodeJS.Process, os: typeof import("node:os")) => unknown]>([
    ["emitWarning", (process) => process.emitWarning(1 as never)],
    ["emitWarning's type", (process) => process.emitWarning("x", 1 as never)],
    ["exitCode", (process) => Object.assign(process, { exitCode: {} })],
    ["a status of one and a half", (process) => Object.assign(process, { exitCode: 1.5 })],
    ["kill", (process) => process.kill("x" as never)],
    ["a signal", (process) => process.kill(process.pid, "SIGNOTHING" as never)],
    ["umask", (process) => process.umask("9")],
    ["setuid", (process) => process.setuid?.({} as never)],
    ["a user", (process) => process.setuid?.("nobody-of-that-name")],
    ["setgroups", (process) => process.setgroups?.([{} as never])],
    ["cpuUsage", (process) => process.cpuUsage({ user: -1, system: 0 })],
    ["env", (process) => Object.defineProperty(process.env, "X", { value: "x" })],
    ["getBuiltinModule", (process) => process.getBuiltinModule(1 as never)],
    ["setPriority", (_, os) => os.setPriority(0, 20)],
    ["getPriority", (_, os) => os.getPriority("x" as never)],
    ["nobody's priority", (_, os) => os.getPriority(-1)],
  ])("refuses what is no argument of %s as Node does", (_, use) => {
    const of = (process: unknown, os: unknown) => {
      try {
        return use(process as never, os as never);
      } catch (error) {
        const { name, code } = error as Error & { code: string };
        return [name, code];
      }
    };
    expect(of(guest.require("node:process"), guest.require("node:os"))).toEqual(of(process, os));
  });

  test("os's members are what they return where text is wanted, and the temporary folder is where variables say", () => {
    const own = guest.require("node:os") as typeof os;
    expect(`${own.tmpdir} ${own.platform} ${own.endianness}`).toBe("/tmp linux LE");
    guest.variables["TMPDIR"] = "/elsewhere/";
    expect(own.tmpdir()).toBe("/elsewhere");
    delete guest.variables["TMPDIR"];
    expect(Object.keys(own.constants.signals)).toEqual(Object.keys(os.constants.signals));
  });
});

describe("AsyncLocalStorage", () => {
  test("a run puts back its own value alone, and what is disabled is gone from it", () => {
    const story = ({ AsyncLocalStorage }: typeof import("node:async_hooks")) => {
      const a = new AsyncLocalStorage<string>();
      const b = new AsyncLocalStorage<string>({ defaultValue: "none" });
      const seen: unknown[] = [b.getStore(), a.name];
      a.run("a", () => {
        b.enterWith("b");
        a.exit(() => seen.push(a.getStore(), b.getStore()));
        b.run("inner", () => a.disable());
        seen.push(a.getStore(), b.getStore());
      });
      seen.push(a.getStore(), b.getStore());
      return seen;
    };
    const { then } = Promise.prototype;
    try {
      expect(story(guest.require("node:async_hooks"))).toEqual(story(asyncHooks));
    } finally {
      // The guest's module follows promises by patching this.
      // biome-ignore lint/suspicious/noThenProperty: it is what Promise has
      Object.defineProperty(Promise.prototype, "then", { value: then, writable: true, configurable: true });
    }
  });
});

describe("fs", () => {
  test("without a package reads find nothing, and writes outside of /tmp are refused, with Node's shape of error", async () => {
    const fs = guest.require("node:fs");
    expect(() => fs.readFileSync("/x")).toThrow(
      expect.objectContaining({
        code: "ENOENT",
        errno: -2,
        syscall: "open",
        path: "/x",
        message: "ENOENT: no such file or directory, open '/x'",
      }),
    );
    expect(fs.existsSync("/x")).toBe(false);
    expect(fs.statSync("/x", { throwIfNoEntry: false })).toBeUndefined();
    await expect(fs.promises.writeFile("/x", "")).rejects.toThrow(expect.objectContaining({ code: "EROFS" }));
    const error = await new Promise((resolve) => fs.readFile("/x", "utf8", resolve));
    expect(error).toMatchObject({ code: "ENOENT" });
  });
});
