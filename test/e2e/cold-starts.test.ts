import { FunctionError } from "brisk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

/** An init with a long turn holds up its host, and what was sent behind it: nothing of that may be lost or run twice. */
let server: TestServer;
const longTurn = "for (const startMs = performance.now(); performance.now() - startMs < 300; );";

beforeAll(async () => {
  server = await startServer({ spareHosts: 2 });
});
afterAll(() => server.close());

it.each([
  ["in one turn", "index.js", `${longTurn} exports.handler = async () => "well"`],
  [
    "in several turns",
    "index.mjs",
    `${longTurn} await new Promise((done) => setTimeout(done, 20)); ${longTurn} export const handler = async () => "well"`,
  ],
])("cold starts at once whose init takes long, %s, are all answered", async (where, file, code) => {
  const name = `long-init-${where.replaceAll(" ", "-")}`;
  await server.runtime.deploy({ name, files: { [file]: code }, timeoutSeconds: 5 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => server.runtime.invoke(name)));
  expect(answers).toEqual(Array.from({ length: 6 }, () => "well"));
});

it("an invocation whose init is long waits for it, and starts no second one", async () => {
  await server.runtime.deploy({
    name: "counted-init",
    files: { "index.js": `${longTurn} console.log("one init"); exports.handler = async () => "well"` },
  });
  expect(await server.runtime.invoke("counted-init")).toBe("well");
  const response = await fetch(`${server.url}/_brisk/logs/counted-init`);
  expect((await response.text()).match(/one init/g)).toHaveLength(1);
});

it("a rejection during init that nobody handles is what the caller gets", async () => {
  await server.runtime.deploy({
    name: "rejects",
    files: {
      "index.js": `Promise.reject(new Error("nobody listens")); exports.handler = async () => "well"`,
    },
  });
  const error = await server.runtime.invoke("rejects").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FunctionError);
  expect((error as FunctionError).errorType).toBe("Runtime.UnhandledPromiseRejection");
});
