import {
  CreateFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { FunctionError } from "brisk";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

/** What a handler may do by Lambda's rules, and what its caller then sees. Each runs in an isolate of its own. */
let server: TestServer;
let number = 0;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function run(
  source: string,
  event: unknown = {},
  options: Record<string, unknown> = {},
): Promise<unknown> {
  const name = `handler-${++number}`;
  await server.runtime.deploy({ name, files: { "index.js": source }, ...options });
  return server.runtime.invoke(name, event);
}

async function failure(source: string, options: Record<string, unknown> = {}): Promise<FunctionError> {
  const error: unknown = await run(source, {}, options).then(
    (value) => {
      throw new Error(`succeeded with ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof FunctionError)) throw error;
  return error;
}

describe("a handler's result", () => {
  it("is what its promise resolves to", async () => {
    expect(await run("exports.handler = async (event) => ({ got: event })", { a: 1 })).toEqual({
      got: { a: 1 },
    });
  });

  it("is null for a synchronous handler, whose value Lambda ignores", async () => {
    expect(await run("exports.handler = () => 5")).toBeNull();
  });

  it("comes through the callback once the event loop is empty", async () => {
    const source = `exports.handler = (event, context, callback) => {
      const order = [];
      setTimeout(() => order.push("timer"), 20);
      callback(null, { get order() { return order; } });
      callback(null, "second");
    }`;
    expect(await run(source)).toEqual({ order: [] });
  });

  it("comes at once with callbackWaitsForEmptyEventLoop = false", async () => {
    const source = `exports.handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = false;
      setTimeout(() => {}, 60_000);
      callback(null, "at once");
    }`;
    expect(await run(source)).toBe("at once");
  });

  it("may wait for timers, and timers run in the order in which they are due", async () => {
    const source = `exports.handler = async () => {
      const order = [];
      const wait = (ms, name) => new Promise((resolve) => setTimeout(() => { order.push(name); resolve(); }, ms));
      await Promise.all([wait(400, "c"), wait(1, "a"), wait(200, "b")]);
      return order;
    }`;
    expect(await run(source)).toEqual(["a", "b", "c"]);
  });

  it("runs nextTick before promise callbacks, and immediates after", async () => {
    const source = `exports.handler = () => new Promise((resolve) => {
      const order = [];
      setImmediate(() => { order.push("immediate"); resolve(order); });
      Promise.resolve().then(() => order.push("promise"));
      process.nextTick(() => order.push("tick"));
      order.push("sync");
    })`;
    expect(await run(source)).toEqual(["sync", "tick", "promise", "immediate"]);
  });
});

describe("a failing handler", () => {
  it("is told as far as it can be when it is a proxy that refuses to be looked at", async () => {
    const error = await failure(`exports.handler = async () => {
      const refuse = () => { throw new Error("refused") };
      throw new Proxy({}, { get: refuse, getPrototypeOf: refuse });
    }`);
    expect(error.errorType).toBe("handled");
  });

  it("gives name, message and stack in the user's own files", async () => {
    const error = await failure("\nexports.handler = async () => {\n  throw new TypeError('no good')\n}");
    expect(error.errorType).toBe("TypeError");
    expect(error.message).toContain("no good");
    expect(error.trace[0]).toBe("TypeError: no good");
    expect(error.trace[1]).toContain("/var/task/index.js:3:");
  });

  it("names the user's own files alone when an import is missing", async () => {
    await server.runtime.deploy({
      name: "missing-import",
      files: { "index.mjs": `import gone from "gone";\nexport const handler = async () => gone;` },
    });
    const error: unknown = await server.runtime.invoke("missing-import").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining("Cannot find package 'gone'") });
    expect((error as FunctionError).trace.join("\n")).not.toMatch(/missing:|exports:|facade:/);
  });

  it("has the cause of what it threw in its log", async () => {
    const source = `exports.handler = async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("why"), { code: "EGRESS_DENIED" }) });
    }`;
    await server.runtime.deploy({ name: "with-cause", files: { "index.js": source } });
    const invoked = await server.client.send(
      new InvokeCommand({ FunctionName: "with-cause", LogType: "Tail" }),
    );
    expect(Buffer.from(invoked.LogResult ?? "", "base64").toString()).toContain(
      '"cause":{"errorType":"Error","errorMessage":"why","code":"EGRESS_DENIED"}',
    );
  });

  it("keeps its environment warm when it throws", async () => {
    const source =
      "let calls = 0; exports.handler = async () => { if (++calls === 1) throw new Error('first'); return calls }";
    await run(source).catch(() => {});
    expect(await server.runtime.invoke(`handler-${number}`)).toBe(2);
  });

  it.each([
    ["a string", "'text'", "string"],
    ["undefined", "undefined", "undefined"],
    ["a number", "42", "number"],
  ])("names the type of %s that it throws", async (_what, value, type) => {
    expect((await failure(`exports.handler = async () => { throw ${value} }`)).errorType).toBe(type);
  });

  it("that never settles ends as Node's exit does", async () => {
    expect((await failure("exports.handler = () => new Promise(() => {})")).errorType).toBe(
      "Runtime.NodeJsExit",
    );
  });

  it("with a result that JSON can't hold says so", async () => {
    const error = await failure("exports.handler = async () => { const a = {}; a.a = a; return a }");
    expect(error.message).toContain("Unable to stringify response body");
  });

  it("with an unhandled rejection ends its environment", async () => {
    const error = await failure(
      "exports.handler = async () => { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 50)); }",
    );
    expect(error.errorType).toBe("Runtime.UnhandledPromiseRejection");
    expect(error.message).toContain("Error: lost");
  });

  it("with an exception in a timer ends its environment", async () => {
    const error = await failure(
      "exports.handler = async () => { setTimeout(() => { throw new RangeError('late') }, 1); await new Promise(() => {}) }",
    );
    expect(error.errorType).toBe("RangeError");
  });

  it("that exits says with which status", async () => {
    expect((await failure("exports.handler = async () => process.exit(3)")).message).toContain(
      "Runtime exited with error: exit status 3",
    );
    expect((await failure("exports.handler = async () => process.exit()")).message).toContain(
      "Runtime exited without providing a reason",
    );
  });

  it("is a HandlerNotFound when it is not there or not a function", async () => {
    const missing = await failure("exports.other = 1");
    expect(missing.errorType).toBe("Runtime.HandlerNotFound");
    expect(missing.message).toContain("index.handler is undefined or not exported");
    expect((await failure("exports.handler = 1")).message).toContain("index.handler is not a function");
  });

  it("at init gives its error to the first event", async () => {
    const error = await failure("throw new RangeError('at load')");
    expect(error.errorType).toBe("RangeError");
    expect(error.message).toContain("at load");
  });

  it("is asked for by the runtime's rules: process tells its version, and callbacks end with Node 22", async () => {
    const source = "exports.handler = (event, context, callback) => callback(null, process.version)";
    const versions = [18, 20, 22].map((major) => run(source, {}, { runtime: `nodejs${major}.x` }));
    const runtime = "nodejs24.x";
    versions.push(run("exports.handler = async () => process.version", {}, { runtime }));
    expect((await failure(source, { runtime })).errorType).toBe("Runtime.CallbackHandlerDeprecated");
    expect(await Promise.all(versions)).toEqual(
      [18, 20, 22, 24].map((major) => expect.stringMatching(`^v${major}\\.`)),
    );
  });
});

describe("modules", () => {
  it("are found by computed names, compiled when they are asked for, and end with the function's time", async () => {
    const files = {
      "src/app.js": `exports.handler = async ({ names }) => Promise.all(names.map(async (name) => {
        try {
          const { default: value } = await import(name);
          return typeof value === "function" ? value() : value;
        } catch (error) { return [error.code ?? error.name, error.stack.match(/[\\w-]+\\.c?js:\\d+:\\d+/)?.[0]]; }
      }));`,
      "src/plugins/one.js": "module.exports = () => require([`.`, `two`].join(`/`)) + require(`./data`).n;",
      "src/plugins/two.cjs": "module.exports = 'two';",
      "src/plugins/data.json": `{"n":1}`,
      "src/plugins/three.mjs": "export default await 'three';",
      "src/plugins/thrower.js": "\nmodule.exports = () => { throw new Error('no') };",
      "src/plugins/broken.js": "const fine = 1;\nconst = 2;",
      "src/plugins/endless.js": "}); for (;;); (function () {",
      "node_modules/dep/package.json": `{"exports":{"import":"./i.cjs","require":"./r.cjs"}}`,
      "node_modules/dep/i.cjs":
        "module.exports = require('node:module').createRequire(__filename).resolve('dep');",
      "node_modules/dep/r.cjs": "",
    };
    await server.runtime.deploy({ name: "computed", files, handler: "src/app.handler" });
    const names = ["one", "three.mjs", "thrower", "broken", "gone"].map((name) => `./plugins/${name}`);
    const event = { names: [...names.map((name) => (name.includes(".m") ? name : `${name}.js`)), "dep"] };
    expect(await server.runtime.invoke("computed", event)).toEqual([
      "two1",
      "three",
      ["Error", "thrower.js:2:32"],
      ["SyntaxError", "broken.js:2:7"],
      expect.arrayContaining(["ERR_MODULE_NOT_FOUND"]),
      "/var/task/node_modules/dep/r.cjs",
    ]);
    await expect(server.runtime.invoke("computed", { names: ["./plugins/endless.js"] })).rejects.toThrow(
      "used its CPU time",
    );
  });

  it("of packages that no code names are compiled where they run, CommonJS and ES modules, and keep the async context", async () => {
    // Each form of await, after which the context has to be that of before.
    const awaits = `async (context, later) => {
      const seen = [], see = () => seen.push(context.getStore());
      const fails = () => later().then(() => { throw new Error("on purpose") });
      const short = async () => [await later(), context.getStore()][1];
      await later(); see();
      try { await fails() } catch { see() } finally { see() }
      try { await later(); throw 1 } catch { see() }
      each: for await (const one of [later(), later()]) { see(); if (one) continue each }
      if (seen) for await (const one of (async function* () { await later(); yield 1; yield 2 })()) { see(); break } else see();
      see();
      await context.run("inner", async () => { await later(); see() }); see();
      seen.push(await short(), await { method: async () => { await await later(); return context.getStore() } }.method());
      context.enterWith("entered"); try { throw 1 } catch { see() } await later(); see();
      return seen;
    }`;
    const later = "() => new Promise((resolve) => setTimeout(resolve, 1))";
    const files = {
      "index.js": `exports.handler = async ({ name }) => {
        const fs = require("node:fs");
        fs.writeFileSync("/tmp/written.mjs", "import own from '/var/task/node_modules/modern/one.js'; export default own + import.meta.url");
        const { run } = await import(name);
        return [await run(), (await import("/tmp/" + "written.mjs")).default, globalThis.leaked?.getStore()];
      }`,
      "node_modules/modern/package.json": `{"type":"module","exports":"./index.js"}`,
      "node_modules/modern/one.js": "export default 'one '",
      "node_modules/modern/index.js": `import { AsyncLocalStorage } from "node:async_hooks"; import { plain } from "./plain.cjs"
        const context = globalThis.leaked = new AsyncLocalStorage(); const awaits = ${awaits}
        const atTop = await context.run("top", async () => { await null; return context.getStore() })
        export const run = () => context.run("kept", async () => [atTop, await awaits(context, ${later}), await plain(context, ${later})])`,
      "node_modules/modern/plain.cjs": `exports.plain = ${awaits}; with ({ sloppy: 1 }) sloppy;`,
    };
    await server.runtime.deploy({ name: "unnamed", files });
    const seen = [..."kkkkkkkk"].map(() => "kept");
    const all = [...seen, "inner", "kept", "kept", "kept", "entered", "entered"];
    const expected = [["top", all, all], "one file:///tmp/written.mjs", null];
    for (let times = 0; times < 2; times++)
      expect(await server.runtime.invoke("unnamed", { name: "modern" })).toEqual(expected);
  });

  it("lead stacks to the sources that their maps name", async () => {
    const map = { version: 3, sources: ["app.ts"], names: [], mappings: "AAAA,8BASI" };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
    const error = await failure(
      `exports.handler = () => { throw new Error("mapped"); };\n//# sourceMappingURL=${url}`,
    );
    expect(error.trace.join("\n")).toContain("/var/task/app.ts:10:5");
  });
});

describe("the environment", () => {
  it("is frozen between events: a timer goes on with the next one", async () => {
    const source = `let fired = 0;
      exports.handler = async () => { const seen = fired; setTimeout(() => { fired++ }, 1); if (seen === 0 && fired === 0 && !globalThis.again) { globalThis.again = true; return "frozen" }
        await new Promise((r) => setTimeout(r, 20)); return fired; }`;
    expect(await run(source)).toBe("frozen");
    expect(await server.runtime.invoke(`handler-${number}`)).toBeGreaterThan(0);
  });

  it("has the function's variables and the platform's", async () => {
    const source =
      "exports.handler = async () => ({ own: process.env.OWN, name: process.env.AWS_LAMBDA_FUNCTION_NAME, handler: process.env._HANDLER })";
    expect(await run(source, {}, { environment: { OWN: "mine" } })).toEqual({
      own: "mine",
      name: `handler-${number}`,
      handler: "index.handler",
    });
  });

  it("gives the handler Lambda's context", async () => {
    const source = `exports.handler = async (event, context) => ({
      name: context.functionName, version: context.functionVersion, memory: context.memoryLimitInMB, arn: context.invokedFunctionArn,
      id: context.awsRequestId.length, left: context.getRemainingTimeInMillis() > 1000, group: context.logGroupName })`;
    expect(await run(source)).toEqual({
      name: `handler-${number}`,
      version: "$LATEST",
      memory: "128",
      arn: `arn:aws:lambda:us-east-1:000000000000:function:handler-${number}`,
      id: 36,
      left: true,
      group: `/aws/lambda/handler-${number}`,
    });
  });

  it("shares nothing with another function's", async () => {
    await run("globalThis.secret = 'tenant'; Array.prototype.leak = 1; exports.handler = async () => 1");
    expect(await run("exports.handler = async () => [typeof globalThis.secret, typeof [].leak]")).toEqual([
      "undefined",
      "undefined",
    ]);
  });

  it("shares nothing with other tenants', where the function keeps them apart", async () => {
    const source = `let calls = 0;
      exports.handler = async (event, context) => ({ tenant: context.tenantId, calls: ++calls });`;
    const FunctionName = "tenants";
    await server.client.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: "nodejs22.x",
        Role: "arn:aws:iam::000000000000:role/lambda-role",
        Handler: "index.handler",
        Code: { ZipFile: zipSync({ "index.js": Buffer.from(source) }) },
        TenancyConfig: { TenantIsolationMode: "PER_TENANT" },
      }),
    );
    await waitUntilFunctionActiveV2(
      { client: server.client, maxWaitTime: 30, minDelay: 0.1 },
      { FunctionName },
    );
    const call = async (TenantId?: string) => {
      const { Payload } = await server.client.send(new InvokeCommand({ FunctionName, TenantId }));
      return JSON.parse(Buffer.from(Payload!).toString());
    };
    expect(await call("blue")).toEqual({ tenant: "blue", calls: 1 });
    expect(await call("green team")).toEqual({ tenant: "green team", calls: 1 });
    expect(await call("blue")).toEqual({ tenant: "blue", calls: 2 });
    expect(await server.runtime.invoke(FunctionName, {}, { tenantId: "blue" })).toEqual({
      tenant: "blue",
      calls: 3,
    });
    const nobodys = {
      name: "InvalidParameterValueException",
      message: expect.stringMatching(/Add a valid tenant ID in your request/),
    };
    await expect(call()).rejects.toMatchObject(nobodys);
    await expect(server.runtime.invoke(FunctionName)).rejects.toMatchObject({ message: nobodys.message });
    await expect(
      server.client.send(new InvokeWithResponseStreamCommand({ FunctionName })),
    ).rejects.toMatchObject(nobodys);
    await expect(call("blue\u00fc")).rejects.toMatchObject({ name: "ValidationException" });
  });
});
