import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleOf, evaluate } from "./bundled-function.ts";

const nodeModules = join(import.meta.dirname, "../../../node_modules");

/** The files of installed packages, as a zip of a function would carry them. */
async function packages(...names: string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of names) {
    for (const entry of await readdir(join(nodeModules, name), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/\.([cm]?js|json)$/.test(entry.name)) continue;
      files[path.slice(nodeModules.length - "node_modules".length)] = await readFile(path, "utf8");
    }
  }
  return files;
}

async function handlerOf(files: Record<string, string>): Promise<() => unknown> {
  return (await evaluate(await bundleOf(files))).exports["handler"] as () => unknown;
}

test("hono: ES modules with package exports, and its CommonJS build", async () => {
  const hono = await packages("hono");
  const use = `const app = new Hono(); app.get("/", (c) => c.text("hi")); const handler = handle(app)`;
  const event = `{ version: "2.0", rawPath: "/", rawQueryString: "", headers: { host: "x" }, requestContext: { http: { method: "GET", path: "/" }, domainName: "x" } }`;
  const esm = await handlerOf({
    ...hono,
    "index.mjs": `import { Hono } from "hono"; import { handle } from "hono/aws-lambda"; ${use}; const call = () => handler(${event}); export { call as handler }`,
  });
  expect(await esm()).toMatchObject({ statusCode: 200, body: "hi" });
  const cjs = await handlerOf({
    ...hono,
    "index.js": `const { Hono } = require("hono"); const { handle } = require("hono/aws-lambda"); ${use}; exports.handler = () => handler(${event})`,
  });
  expect(await cjs()).toMatchObject({ statusCode: 200, body: "hi" });
});

test("zod and lru-cache from TypeScript", async () => {
  const handler = await handlerOf({
    ...(await packages("zod", "lru-cache")),
    "index.ts": `import { z } from "zod"; import { LRUCache } from "lru-cache";
      const schema = z.object({ name: z.string() }); type Input = z.infer<typeof schema>;
      const cache = new LRUCache<string, Input>({ max: 2 });
      export const handler = (): unknown => { cache.set("a", schema.parse({ name: "brisk" })); return cache.get("a") }`,
  });
  expect(handler()).toEqual({ name: "brisk" });
});

test("undici: a large CommonJS package that requires lazily and optionally", async () => {
  const files = {
    ...(await packages("undici")),
    "index.js": `const { Headers } = require("undici"); exports.handler = () => new Headers({ a: "b" }).get("A")`,
  };
  const bundle = await bundleOf(files);
  // It uses async_hooks, so that the whole of it is lowered.
  expect(bundle.builtins).toContain("node:async_hooks");
  expect(((await evaluate(bundle)).exports["handler"] as () => unknown)()).toBe("b");
});
