import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withDependencies } from "./example-folder.ts";
import { startServer, type TestServer } from "./server.ts";

let server: TestServer;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "brisk-packages-"));
  server = await startServer({ egressAllow: ["127.0.0.1/32"] });
}, 120_000);
afterAll(async () => {
  await server?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Deploys a module beside the packages that it imports. */
async function deployWith(packages: readonly string[], code: string): Promise<string> {
  const path = await mkdtemp(join(scratch, "fn-"));
  const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
  await writeFile(join(path, "package.json"), JSON.stringify({ dependencies }));
  await withDependencies(path);
  await writeFile(join(path, "index.mjs"), code);
  const name = packages[0]?.replace(/\W/g, "") ?? "none";
  await server.deploy({ name, path, url: false, timeoutSeconds: 30, memorySizeMb: 512 });
  return name;
}

describe("popular packages in an isolate", () => {
  test("Fastify answers injected requests", async () => {
    const name = await deployWith(
      ["fastify"],
      `import Fastify from "fastify";
      const app = Fastify({ logger: false });
      app.post("/x", { schema: { body: { type: "object", required: ["a"] } } }, async (request) => ({ got: request.body, query: request.query }));
      export const handler = async (event) => {
        const { statusCode, payload } = await app.inject({ method: "POST", url: "/x?q=1", payload: event });
        return [statusCode, JSON.parse(payload)];
      };`,
    );
    expect(await server.runtime.invoke(name, { a: 1 })).toEqual([200, { got: { a: 1 }, query: { q: "1" } }]);
    expect(await server.runtime.invoke(name, {})).toEqual([
      400,
      expect.objectContaining({ code: "FST_ERR_VALIDATION" }),
    ]);
  }, 120_000);
});

test("what is written to stdout is logged as it is", async () => {
  const code = `exports.handler = async () => { process.stdout.write("raw line\\n"); };`;
  await server.deploy({ name: "writes", files: { "index.js": code }, url: false });
  await server.runtime.invoke("writes");
  await expect
    .poll(async () => (await fetch(`${server.url}/_brisk/logs/writes`)).text())
    .toContain('"text":"raw line"');
});
