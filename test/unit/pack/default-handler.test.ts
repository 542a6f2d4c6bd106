import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultHandler } from "../../../src/pack/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-handler-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(files: readonly string[], main?: string): Promise<void> {
  for (const path of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), "");
  }
  if (main !== undefined) await writeFile(join(dir, "package.json"), JSON.stringify({ main }));
}

describe("defaultHandler()", () => {
  test.each([
    ["index.*", ["index.ts", "other.ts"], undefined, "index.handler"],
    ["package.json's main", ["src/server.js", "other.js"], "./src/server.js", "src/server.handler"],
    ["index.* where main names no file", ["index.js"], "lib.js", "index.handler"],
    ["a usual name", ["src/handler.mjs", "lib/x.js"], undefined, "src/handler.handler"],
    [
      "the only module at the root",
      ["hello.cjs", "hello.d.ts", "vitest.config.ts", "lib/a.js"],
      undefined,
      "hello.handler",
    ],
  ])("is %s", async (_, files, main, handler) => {
    await write(files, main);
    expect(await defaultHandler(dir)).toBe(handler);
  });

  test("is a single file's own name", async () => {
    await write(["hello.ts"]);
    expect(await defaultHandler(join(dir, "hello.ts"))).toBe("hello.handler");
  });

  test("a main that leads out of the folder is not heeded", async () => {
    await write(["app/a.js", "app/b.js", "secret.js"]);
    await writeFile(join(dir, "app", "package.json"), `{"main":"../secret.js"}`);
    await expect(defaultHandler(join(dir, "app"))).rejects.toThrow(/state one/);
  });

  test("asks for one where several modules could be meant", async () => {
    await write(["a.js", "b.js"]);
    await expect(defaultHandler(dir)).rejects.toThrow(/state one, such as a\.handler/);
  });
});
