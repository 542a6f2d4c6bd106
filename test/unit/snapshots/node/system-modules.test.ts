import crypto from "node:crypto";
import events from "node:events";
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

describe("crypto", () => {
  const inputs = ["", "abc", "ä€😀", Buffer.from([0, 255, 7])];

  test.each([
    "md5",
    "sha1",
    "SHA256",
    "RSA-SHA256",
    "sha384",
    "sha512",
    "sha512-256",
    "sha3-256",
    "ripemd160",
  ])("createHash and createHmac %s as Node's", (algorithm) => {
    const guestCrypto = guest.require("node:crypto");
    for (const input of inputs) {
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        const expected = crypto.createHash(algorithm).update(input).update("x").digest(encoding);
        expect(guestCrypto.createHash(algorithm).update(input).update("x").digest(encoding)).toBe(expected);
        const keyed = crypto.createHmac(algorithm, "key").update(input).digest(encoding);
        expect(guestCrypto.createHmac(algorithm, "key").update(input).digest(encoding)).toBe(keyed);
      }
    }
  });

  test("a digest is taken once, a copy goes its own way, an unknown algorithm is refused", () => {
    const { createHash, createHmac } = guest.require("node:crypto");
    const hash = createHash("sha256").update("a");
    const copy = hash.copy().update("b");
    expect(hash.digest("hex")).toBe(crypto.createHash("sha256").update("a").digest("hex"));
    expect(copy.digest("hex")).toBe(crypto.createHash("sha256").update("ab").digest("hex"));
    expect(() => hash.digest()).toThrow(expect.objectContaining({ code: "ERR_CRYPTO_HASH_FINALIZED" }));
    expect(() => createHash("nope")).toThrow("Digest method not supported");
    expect(() => createHmac("nope", "k")).toThrow("Invalid digest: nope");
  });

  test("random values have the asked length and range", async () => {
    const { randomBytes, randomUUID, randomInt, randomFillSync } = guest.require("node:crypto");
    expect(randomBytes(70_000)).toHaveLength(70_000);
    expect(
      await new Promise((resolve) =>
        randomBytes(8, (_: unknown, bytes: Uint8Array) => resolve(bytes.length)),
      ),
    ).toBe(8);
    expect(randomUUID()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (let round = 0; round < 100; round++) expect([5, 6, 7]).toContain(randomInt(5, 8));
    expect(randomFillSync(new Uint32Array(4)).some((value: number) => value > 0)).toBe(true);
    expect(() => randomInt(5, 5)).toThrow(expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }));
  });

  test("timingSafeEqual, hkdf, pbkdf2 and scrypt", async () => {
    const guestCrypto = guest.require("node:crypto");
    expect(guestCrypto.timingSafeEqual(Buffer.from("ab"), Buffer.from("ab"))).toBe(true);
    expect(guestCrypto.timingSafeEqual(Buffer.from("ab"), Buffer.from("ac"))).toBe(false);
    expect(() => guestCrypto.timingSafeEqual(Buffer.from("a"), Buffer.from("ab"))).toThrow(RangeError);
    expect(Buffer.from(guestCrypto.hkdfSync("sha256", "key", "salt", "info", 32))).toEqual(
      Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 32)),
    );
    const { promisify } = guest.require("node:util");
    const derived = await promisify(guestCrypto.pbkdf2)("pw", "salt", 1000, 24, "sha512");
    expect(derived.toString("hex")).toBe(crypto.pbkdf2Sync("pw", "salt", 1000, 24, "sha512").toString("hex"));
    const stretched = await promisify(guestCrypto.scrypt)("pw", "salt", 16);
    expect(stretched.toString("hex")).toBe(crypto.scryptSync("pw", "salt", 16).toString("hex"));
  });
});

describe("zlib", () => {
  const text = "hello hello hello ".repeat(500);
  const pairs = [
    ["gzip", "gunzip"],
    ["deflate", "inflate"],
    ["deflateRaw", "inflateRaw"],
    ["brotliCompress", "brotliDecompress"],
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
    const sent = gzip.read();
    const opened = zlib.gunzipSync(sent, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    expect(opened.toString()).toBe("event 1\n");
    gzip.destroy();
  });

  test("crc32", () => {
    expect(guest.require("node:zlib").crc32("hello")).toBe(zlib.crc32("hello"));
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

  test("writes to stdout become log events, exit ends the environment after its listeners", () => {
    const process = guest.require("node:process");
    process.stdout.write("plain");
    expect(guest.log).toContain(": plain");
    const codes: number[] = [];
    process.once("exit", (code: number) => codes.push(code));
    expect(() => process.exit(3)).toThrow("exited");
    expect([codes, guest.exits]).toEqual([[3], [3]]);
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
