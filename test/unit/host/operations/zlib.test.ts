import { constants, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type OperationEnvironment, parseArguments } from "../../../../src/host/operation.ts";
import { operations } from "../../../../src/host/operations/index.ts";
import { zlibOptions } from "../../../../src/host/operations/zlib-options.ts";
import type { Value } from "../../../../src/model/values.ts";

/** A guest that says to the host whatever it likes. */
function hostileGuest() {
  const environment = { resources: new Map() } as unknown as OperationEnvironment;
  const call = (name: string, ...args: unknown[]): Value | Promise<Value> => {
    const operation = operations.get(name)!;
    return operation.run(environment, ...parseArguments(operation, args, 0));
  };
  return {
    call,
    inUse: () => environment.resources.get("zlib")?.inUse?.(),
    close: () => environment.resources.get("zlib")?.close?.(),
  };
}
const bytes = (answer: unknown) => Buffer.from((answer as Uint8Array).subarray(5));
const megabyte = new Uint8Array(1024 * 1024);
const refused = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) });

describe("all at once", () => {
  it("answers with what comes of it, or nothing when that is more than a megabyte, and says what zlib says", () => {
    const { call, inUse } = hostileGuest();
    const packed = call("zlib.once", "gzip", Buffer.from("text"));
    expect(String(gunzipSync(packed as Uint8Array))).toBe("text");
    expect(call("zlib.once", "gunzip", packed)).toEqual(new Uint8Array(Buffer.from("text")));
    expect(call("zlib.once", "gunzip", gzipSync(Buffer.alloc(2 ** 20 + 1)))).toBeUndefined();
    expect(() => call("zlib.once", "gunzip", Buffer.from("nonsense"))).toThrow(
      refused("Z_DATA_ERROR", /^-3 incorrect header check$/),
    );
    expect(() => call("zlib.once", "gzip", new Uint8Array(65_537))).toThrow(refused("ERR_INVALID_ARG_VALUE"));
    expect(inUse()).toBeUndefined();
  });
});

describe("a stream of zlib's", () => {
  it("gives what each write lets out, and the rest when it is asked again", async () => {
    const { call } = hostileGuest();
    const input = gzipSync(Buffer.alloc(100_000, "abc"));
    call("zlib.open", 1, "gunzip", "", undefined, 16_384);
    const parts: Buffer[] = [];
    let answer = (await call("zlib.write", 1, 4, input, 1)) as Uint8Array;
    for (; answer[4] === 1; answer = call("zlib.writeSync", 1, 4, undefined, 40_000) as Uint8Array)
      parts.push(bytes(answer));
    parts.push(bytes(answer));
    expect(Buffer.concat(parts)).toEqual(gunzipSync(input));
    expect(parts[0]).toHaveLength(16_384);
  });

  it("does one thing at a time, whatever it is told: the binding would end the process", async () => {
    const { call, close, inUse } = hostileGuest();
    call("zlib.open", 1, "gzip", "", undefined, 64);
    const write = call("zlib.write", 1, 0, megabyte, 1024 * 1024) as Promise<Value>;
    for (const attempt of [
      () => call("zlib.writeSync", 1, 0, megabyte, 1),
      () => call("zlib.params", 1, 1, 0),
      () => call("zlib.reset", 1),
    ])
      expect(attempt).toThrow(refused("EINVAL", /under way/));
    await expect(call("zlib.write", 1, 4, megabyte, 1)).rejects.toEqual(refused("EINVAL", /under way/));
    expect(inUse()).toBe("1 zlib streams are open");
    call("zlib.close", 1);
    await expect(write).rejects.toEqual(refused("EINVAL", /closed/));
    expect(() => call("zlib.writeSync", 1, 0, megabyte, 1)).toThrow(refused("EINVAL", /not open/));
    expect(inUse()).toBeUndefined();
    call("zlib.open", 2, "gzip", "", undefined, 64);
    const last = call("zlib.write", 2, 0, megabyte, 1) as Promise<Value>;
    close();
    await expect(last).rejects.toEqual(refused("EINVAL"));
  });

  it.each(["brotliCompress", "zstdDecompress", "inflate"])(
    "of %s is not harmed by another's calls",
    (format) => {
      const { call, close } = hostileGuest();
      call("zlib.open", 1, format, "", undefined, 64);
      const attempts = [0, 1, 2, 3, 4, 5].map(
        (flush) => () => call("zlib.writeSync", 1, flush, new Uint8Array(3), 64),
      );
      for (const attempt of [() => call("zlib.params", 1, 3, 4), ...attempts, () => call("zlib.reset", 1)]) {
        try {
          attempt();
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^(Z_|ERR_|ZSTD_)/);
        }
      }
      close();
    },
  );

  it("keeps to the memory that an environment's streams may take, input that waits included", () => {
    const { call, close } = hostileGuest();
    const open = (handle: number, format = "gzip", options = "") =>
      call("zlib.open", handle, format, options, undefined, 64);
    for (let handle = 1; handle <= 128; handle++) open(handle);
    expect(() => open(129)).toThrow(refused("ELIMIT", /at most 128/));
    expect(() => open(1)).toThrow(refused("EINVAL", /open already/));
    close();
    const best = JSON.stringify({ params: { [constants.ZSTD_c_compressionLevel]: 19 } });
    const opened = () => {
      let handle = 1000;
      for (;;) open(handle++, "zstdCompress", best);
    };
    expect(opened).toThrow(refused("ELIMIT", /at most 536870912 are allowed/));
    // There was no room for it: it is not kept.
    expect(() => call("zlib.writeSync", 1007, 0, megabyte, 1)).toThrow(refused("EINVAL", /not open/));
    close();
  });
});

describe("options of zlib's", () => {
  it.each([
    ["[", /JSON object/],
    ["3", /JSON object/],
    ['{"level":10}', /level is an integer from -1 to 9/],
    ['{"level":"9"}', /level/],
    ['{"memLevel":1e9}', /memLevel/],
  ])("%s is refused", (json, message) => {
    expect(() => zlibOptions("gzip", json)).toThrow(refused("ERR_OUT_OF_RANGE", message));
  });

  it("have no threads, no gigabytes, and a window that decoders take", () => {
    const params = (
      format: "zstdCompress" | "brotliCompress" | "zstdDecompress",
      given: Record<string, number>,
    ) =>
      (zlibOptions(format, JSON.stringify({ params: given })).options as { params: Record<number, number> })
        .params;
    const threads = { [constants.ZSTD_c_nbWorkers]: 8, [constants.ZSTD_c_compressionLevel]: 22 };
    expect(params("zstdCompress", threads)).toEqual({
      [constants.ZSTD_c_compressionLevel]: 22,
      [constants.ZSTD_c_windowLog]: 23,
    });
    expect(params("zstdDecompress", {})).toEqual({ [constants.ZSTD_d_windowLogMax]: 23 });
    for (const name of [constants.ZSTD_c_windowLog, constants.ZSTD_c_hashLog, constants.ZSTD_c_chainLog])
      expect(() => params("zstdCompress", { [name]: 30 })).toThrow(refused("ERR_OUT_OF_RANGE"));
    expect(() => params("zstdDecompress", { [constants.ZSTD_d_windowLogMax]: 31 })).toThrow(
      refused("ERR_OUT_OF_RANGE"),
    );
    expect(() => params("brotliCompress", { [constants.BROTLI_PARAM_LARGE_WINDOW]: 1 })).toThrow(
      refused("ERR_OUT_OF_RANGE"),
    );
  });
});
